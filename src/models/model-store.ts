import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import {
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { locateSource } from '../hub/sources.ts';
import { modelManifest, type ModelFile, type ModelManifest } from '../protocol/model-manifest.ts';

/** Called with bytes in place so far and in all. */
export type Progress = (done: number, total: number) => void;

/**
 * `.models/<name>/<version>/`: the one place where model files live. A file is either whole and
 * its digest checked, or it is not there under its name.
 */
export class ModelStore {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  directoryOf(manifest: ModelManifest): string {
    return join(this.directory, manifest.name, manifest.version);
  }

  /** The manifests that lie in the folder, whoever put them there. A broken one is reported, not fatal. */
  async list(onBroken: (place: string, reason: string) => void): Promise<ModelManifest[]> {
    const places = await readdir(this.directory, { recursive: true }).catch(() => []);
    const manifests = places
      .filter((place) => /^[^/\\]+[/\\][^/\\]+[/\\]manifest\.json$/.test(place))
      .sort();
    const found: ModelManifest[] = [];
    for (const place of manifests) {
      try {
        found.push(
          modelManifest.parse(JSON.parse(await readFile(join(this.directory, place), 'utf8'))),
        );
      } catch (error) {
        onBroken(place, error instanceof Error ? error.message : String(error));
      }
    }
    return found;
  }

  /** Whether every file of the model is there and has its digest. */
  async isWhole(manifest: ModelManifest): Promise<boolean> {
    const directory = this.directoryOf(manifest);
    const each = await Promise.all(
      manifest.files.map((file) => isWhole(join(directory, file.path), file)),
    );
    return each.every(Boolean);
  }

  /**
   * Makes every file of the model present and proven: what is there and whole stays, what is
   * missing or damaged is brought from its source.
   * @throws FoveaError MODEL_UNAVAILABLE naming the file and the cause.
   */
  async ensure(manifest: ModelManifest, onProgress: Progress = () => undefined): Promise<void> {
    const directory = this.directoryOf(manifest);
    const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    let done = 0;
    await mkdir(directory, { recursive: true });
    for (const file of manifest.files) {
      if (!(await isWhole(join(directory, file.path), file))) await bring(directory, file);
      done += file.bytes;
      onProgress(done, total);
    }
    await writeAtomically(directory, 'manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

/** SHA-256 over the files' digests in order: the identity of the weights, whatever they are called. */
export function modelDigest(manifest: ModelManifest): string {
  const hash = createHash('sha256');
  for (const file of manifest.files) hash.update(file.sha256, 'hex');
  return hash.digest('hex');
}

async function bring(directory: string, file: ModelFile): Promise<void> {
  const origin = await locateSource(file.source);
  const partial = join(directory, `.${file.path}.${randomUUID()}.partial`);
  try {
    await copyFile(origin, partial, constants.COPYFILE_FICLONE);
    if (!(await isWhole(partial, file))) {
      throw new FoveaError(
        'MODEL_UNAVAILABLE',
        `The model file ${file.path} from ${file.source} is not the one that its manifest describes: size or SHA-256 differ.`,
        { expected_sha256: file.sha256 },
      );
    }
    await sync(partial);
    await rename(partial, join(directory, file.path));
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof FoveaError) throw error;
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      `The model file ${file.path} cannot be stored: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}.`,
      {},
      error,
    );
  }
}

async function isWhole(path: string, file: ModelFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.size !== file.bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex') === file.sha256;
}

async function writeAtomically(directory: string, name: string, content: string): Promise<void> {
  const partial = join(directory, `.${name}.${randomUUID()}.partial`);
  await writeFile(partial, content);
  await rename(partial, join(directory, name));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
