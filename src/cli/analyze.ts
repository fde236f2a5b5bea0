import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { FoveaError } from '../errors.ts';
import { imageId } from '../images/image-library.ts';
import { analysisOf } from '../images/image-service.ts';
import type { Analysis } from '../protocol/analysis.ts';
import { drawFaces } from '../vision/draw.ts';
import { withLocalInference } from './local-inference.ts';

interface Options {
  readonly draw?: string;
  readonly yaml?: true;
}

/** Refused before it is read into memory; the configured limit is checked by the worker. */
const mostBytes = 512 * 1024 * 1024;

export function addAnalyze(program: Command): void {
  program
    .command('analyze')
    .summary('find the faces in a photo, without a server')
    .description(
      'Prints what POST /api/v1/analyze/image answers: every face with box, landmarks, pose and quality.',
    )
    .argument('<photo>', 'a PNG or JPEG file')
    .option('--draw <file>', 'also write the photo with boxes, landmarks and labels (.png or .jpg)')
    .option('--yaml', 'print YAML instead of JSON')
    .action(analyze);
}

async function analyze(photo: string, options: Options): Promise<void> {
  const format = options.draw === undefined ? undefined : drawFormat(options.draw);
  const bytes = await readPhoto(photo);
  const found = await withLocalInference(async ({ setup, analyzer }) => {
    await setup.start();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return analysisOf(imageId(null, sha256), await analyzer.analyze(bytes, sha256, ['faces']));
  });
  process.stdout.write(options.yaml ? stringify(found) : `${JSON.stringify(found, null, 2)}\n`);
  if (options.draw !== undefined && format) await draw(bytes, found, options.draw, format);
}

async function draw(
  bytes: Uint8Array,
  found: Analysis,
  file: string,
  format: 'png' | 'jpeg',
): Promise<void> {
  await writeFile(file, await drawFaces(bytes, found.faces, { format }));
  process.stderr.write(
    `${found.faces.length} face${found.faces.length === 1 ? '' : 's'} drawn into ${file}\n`,
  );
}

async function readPhoto(photo: string): Promise<Buffer> {
  const facts = await stat(photo).catch(() => undefined);
  if (!facts?.isFile())
    throw new FoveaError('IMAGE_MISSING', `${photo} is no file that can be read.`);
  if (facts.size > mostBytes)
    throw new FoveaError(
      'IMAGE_TOO_LARGE',
      `${photo} has ${facts.size} bytes; at most ${mostBytes} are read.`,
    );
  return await readFile(photo);
}

function drawFormat(file: string): 'png' | 'jpeg' {
  const extension = extname(file).toLowerCase();
  if (extension === '.png') return 'png';
  if (extension === '.jpg' || extension === '.jpeg') return 'jpeg';
  throw new FoveaError(
    'REQUEST_INVALID',
    `--draw writes .png or .jpg, not ${extension || 'a file without an extension'}.`,
  );
}
