import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportTfjsInput, ImportTfjsOutput } from '../engine/tasks.ts';
import { FoveaError } from '../errors.ts';
import type { Downloaded, DownloadOptions } from '../hub/download.ts';
import { fileDigest } from '../hub/file-digest.ts';
import type { Hub } from '../hub/hub.ts';
import { locateSource } from '../hub/sources.ts';
import type { ModelFile, ModelManifest, TfjsImport } from '../protocol/model-manifest.ts';

/** Converts a TensorFlow.js graph model, somewhere that is not the event loop. */
export type ImportTfjs = (input: ImportTfjsInput) => Promise<ImportTfjsOutput>;

/** Whatever a manifest or a server says. */
const mostFileBytes = 16 * 1024 ** 3;

const tfjs = 'tfjs:';

/**
 * Puts one file of the model into `directory`: fetched, copied, or made from a TensorFlow.js model. It has its
 * name only once it is whole, flushed and has the digest that the manifest, or an earlier download, states.
 * @throws FoveaError MODEL_UNAVAILABLE, MODEL_CORRUPT, DISK_FULL, HUB_* naming the file and the cause.
 */
export async function bringFile(
  directory: string,
  file: ModelFile,
  { import: options }: Pick<ModelManifest, 'import'>,
  tools: { readonly hub: Hub; readonly importTfjs: ImportTfjs },
  how: DownloadOptions,
): Promise<Downloaded> {
  const target = join(directory, file.path);
  try {
    if (file.source.startsWith(tfjs)) return await make(target, file, options, tools, how);
    const { sha256, bytes } = file;
    const sources = [file.source, ...(file.mirrors ?? [])];
    return await tools.hub.bring(sources, target, { sha256, bytes, maxBytes: mostFileBytes }, how);
  } catch (error) {
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

async function make(
  target: string,
  file: ModelFile,
  options: TfjsImport = {},
  { hub, importTfjs }: { readonly hub: Hub; readonly importTfjs: ImportTfjs },
  how: DownloadOptions,
): Promise<Downloaded> {
  const partial = `${target}.made.partial`;
  const parts = `${target}.parts`;
  const { outputs, files } = options;
  try {
    const modelJson = files
      ? await bringParts(parts, file, files, hub, how)
      : await locateSource(file.source.slice(tfjs.length));
    await importTfjs({ modelJson, target: partial, ...(outputs ? { outputs } : {}) });
    const sha256 = await fileDigest(partial);
    if (file.sha256 !== undefined && sha256 !== file.sha256) throw different(file);
    const { size: bytes } = await stat(partial);
    await rename(partial, target);
    await rm(parts, { recursive: true, force: true });
    return { sha256, bytes, pinnedBy: file.sha256 === undefined ? 'first-download' : 'manifest' };
  } finally {
    await rm(partial, { force: true });
  }
}

/** The files that the model is made from, each whole and proven, in one folder; those that are there already stay. */
async function bringParts(
  folder: string,
  { source, mirrors = [] }: ModelFile,
  files: NonNullable<TfjsImport['files']>,
  hub: Hub,
  how: DownloadOptions,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const places = [source, ...mirrors].map((place) => place.replace(tfjs, ''));
  for (const { path, sha256, bytes } of files) {
    const part = join(folder, path);
    if (await isWhole(part, sha256)) continue;
    const beside = places.map((place) => place.replace(/[^/:]*$/, path));
    await hub.bring(beside, part, { sha256, bytes, maxBytes: bytes }, how);
  }
  return join(folder, files[0]?.path ?? '');
}

async function isWhole(path: string, sha256: string): Promise<boolean> {
  return (await fileDigest(path).catch(() => undefined)) === sha256;
}

function different(file: ModelFile): FoveaError {
  return new FoveaError(
    'MODEL_CORRUPT',
    `The model file ${file.path} from ${file.source} is not the one that its manifest describes: this version of the importer makes another file of it; the manifest has to be made anew.`,
    { expected_sha256: file.sha256 },
  );
}
