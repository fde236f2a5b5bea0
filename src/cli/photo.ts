import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { stringify } from 'yaml';
import { FoveaError } from '../errors.ts';
import type { Subject } from '../images/analyzer.ts';
import type { Face } from '../protocol/face.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { drawAnalysis } from '../vision/draw.ts';

/** Refused before it is read into memory; the configured limit is checked by the worker. */
const mostBytes = 512 * 1024 * 1024;

/** Options of every command that looks at a photo. */
export interface PhotoOptions {
  readonly draw?: string;
  readonly yaml?: true;
}

/** @throws FoveaError IMAGE_MISSING, IMAGE_TOO_LARGE. */
export async function readPhoto(file: string): Promise<Subject & { readonly bytes: Uint8Array }> {
  const facts = await stat(file).catch(() => undefined);
  if (!facts?.isFile())
    throw new FoveaError('IMAGE_MISSING', `${file} is no file that can be read.`);
  if (facts.size > mostBytes)
    throw new FoveaError(
      'IMAGE_TOO_LARGE',
      `${file} has ${facts.size} bytes; at most ${mostBytes} are read.`,
    );
  const bytes = await readFile(file);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Checks the target of `--draw` before the work is done. @throws FoveaError REQUEST_INVALID. */
export function drawFormat(file: string | undefined): 'png' | 'jpeg' {
  const extension = extname(file ?? 'out.png').toLowerCase();
  if (extension === '.png') return 'png';
  if (extension === '.jpg' || extension === '.jpeg') return 'jpeg';
  throw new FoveaError(
    'REQUEST_INVALID',
    `--draw writes .png or .jpg, not ${extension || 'a file without an extension'}.`,
  );
}

export function print(answer: object, { yaml }: PhotoOptions): void {
  process.stdout.write(yaml ? stringify(answer) : `${JSON.stringify(answer, null, 2)}\n`);
}

/** Writes the photo with what was found in it, and says how much that is. */
export async function drawInto(
  file: string,
  bytes: Uint8Array,
  found: { faces?: readonly Face[] | undefined; objects?: readonly DetectedObject[] | undefined },
): Promise<void> {
  const { faces = [], objects = [] } = found;
  await writeFile(
    file,
    await drawAnalysis(bytes, { faces, objects }, { format: drawFormat(file) }),
  );
  const counted = [
    ...(found.faces ? [count(faces.length, 'face')] : []),
    ...(found.objects ? [count(objects.length, 'object')] : []),
  ];
  process.stderr.write(`${counted.join(' and ')} drawn into ${file}\n`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
