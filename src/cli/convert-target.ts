import { link, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FoveaError } from '../errors.ts';

/** Where a conversion goes. Nothing is seen under these names before it is whole. */
export interface ConvertTarget {
  readonly onnx: string;
  readonly signature: string;
  /** In the same folder, so that it can be renamed. */
  readonly partial: string;
  readonly discard: () => Promise<void>;
}

/** Checked before the work is done. @throws FoveaError REQUEST_INVALID. */
export async function targetOf(
  paths: readonly string[],
  options: { readonly output?: string; readonly force?: true },
): Promise<ConvertTarget> {
  const onnx = options.output ?? `${withoutExtension(paths[0] ?? 'model')}.onnx`;
  const folder = dirname(onnx);
  const facts = await stat(folder).catch(() => undefined);
  if (!facts?.isDirectory())
    throw new FoveaError('REQUEST_INVALID', `${folder} is no folder that can be written to.`);
  const signature = `${onnx.replace(/\.onnx$/, '')}.signature.json`;
  const partial = join(folder, `.${basename(onnx)}.${process.pid}.partial`);
  for (const file of [onnx, signature]) await mustBeFree(file, options.force ?? false);
  return { onnx, signature, partial, discard: () => discarded(partial) };
}

/** Flushed files get their names at once; what exists is replaced only with `force`. */
export async function placeFiles(
  target: ConvertTarget,
  sidecar: string | undefined,
  force: boolean,
): Promise<void> {
  // The signature first: a graph that needs one is never seen without it.
  if (sidecar !== undefined) {
    const partial = `${target.partial}.json`;
    await writeFile(partial, sidecar, { flag: 'wx', flush: true });
    await place(partial, target.signature, force);
  }
  await place(target.partial, target.onnx, force);
}

async function place(partial: string, file: string, force: boolean): Promise<void> {
  if (force) return await rename(partial, file);
  // Unlike a rename, a link fails when somebody else was quicker.
  await link(partial, file).catch((error: unknown) => {
    throw exists(error) ? taken(file) : error;
  });
}

async function mustBeFree(file: string, force: boolean): Promise<void> {
  const facts = await stat(file).catch(() => undefined);
  if (facts && !facts.isFile())
    throw new FoveaError('REQUEST_INVALID', `${file} is there and is no file.`);
  if (facts && !force) throw taken(file);
}

function taken(file: string): FoveaError {
  return new FoveaError('REQUEST_INVALID', `${file} exists; --force replaces it.`);
}

function exists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

async function discarded(partial: string): Promise<void> {
  for (const file of [partial, `${partial}.json`]) await rm(file, { force: true });
}

function withoutExtension(path: string): string {
  return path.replace(/\.(pkl|pickle|joblib|skops|json|ubj|txt)(\.(gz|bz2|xz|lzma|lz4|z))?$/i, '');
}
