import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportTfjsInput, ImportTfjsOutput } from '../engine/tasks.ts';
import { FoveaError } from '../errors.ts';
import { locateSource } from '../hub/sources.ts';
import type { ModelFile, ModelManifest } from '../protocol/model-manifest.ts';

/** Converts a TensorFlow.js graph model, somewhere that is not the event loop. */
export type ImportTfjs = (input: ImportTfjsInput) => Promise<ImportTfjsOutput>;

const tfjs = 'tfjs:';

/**
 * Puts one file of the model into `directory`: copied, or made from a TensorFlow.js model. It has its
 * name only once it is whole, flushed and has the digest that the manifest states.
 * @throws FoveaError MODEL_UNAVAILABLE naming the file and the cause.
 */
export async function bringFile(
  directory: string,
  file: ModelFile,
  manifest: ModelManifest,
  importTfjs: ImportTfjs,
): Promise<void> {
  const partial = join(directory, `.${file.path}.${randomUUID()}.partial`);
  try {
    if (file.source.startsWith(tfjs)) await make(partial, file, manifest, importTfjs);
    else await copy(partial, file);
    if (!(await isWholeFile(partial, file))) throw different(file);
    await rename(partial, join(directory, file.path));
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof FoveaError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      `The model file ${file.path} cannot be stored: ${reason}.`,
      {},
      error,
    );
  }
}

/** Whether the file is there with the manifest's size and digest. */
export async function isWholeFile(path: string, file: ModelFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.size !== file.bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex') === file.sha256;
}

async function make(
  target: string,
  file: ModelFile,
  { import: options }: ModelManifest,
  importTfjs: ImportTfjs,
): Promise<void> {
  const modelJson = await locateSource(file.source.slice(tfjs.length));
  await importTfjs({
    modelJson,
    target,
    ...(options?.outputs ? { outputs: options.outputs } : {}),
  });
}

async function copy(target: string, file: ModelFile): Promise<void> {
  await copyFile(await locateSource(file.source), target, constants.COPYFILE_FICLONE);
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function different(file: ModelFile): FoveaError {
  const reason = file.source.startsWith(tfjs)
    ? 'this version of the importer makes another file of it; the manifest has to be made anew'
    : 'size or SHA-256 differ';
  return new FoveaError(
    'MODEL_UNAVAILABLE',
    `The model file ${file.path} from ${file.source} is not the one that its manifest describes: ${reason}.`,
    { expected_sha256: file.sha256 },
  );
}
