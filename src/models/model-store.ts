import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { modelManifest, type ModelManifest } from '../protocol/model-manifest.ts';
import { bringFile, isWholeFile, type ImportTfjs } from './bring-file.ts';

/** Called with bytes in place so far and in all. */
export type Progress = (done: number, total: number) => void;

/**
 * `.models/<name>/<version>/`: the one place where model files live. A file is either whole and
 * its digest checked, or it is not there under its name.
 */
export class ModelStore {
  readonly directory: string;

  readonly #importTfjs: ImportTfjs;

  constructor(directory: string, importTfjs: ImportTfjs = noImporter) {
    this.directory = directory;
    this.#importTfjs = importTfjs;
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
      manifest.files.map((file) => isWholeFile(join(directory, file.path), file)),
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
      if (!(await isWholeFile(join(directory, file.path), file)))
        await bringFile(directory, file, manifest, this.#importTfjs);
      done += file.bytes;
      onProgress(done, total);
    }
    await writeAtomically(directory, 'manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

/** For stores that only look. */
const noImporter: ImportTfjs = () =>
  Promise.reject(
    new FoveaError(
      'MODEL_UNAVAILABLE',
      'The model file cannot be made here: there is no importer.',
    ),
  );

/** SHA-256 over the files' digests in order: the identity of the weights, whatever they are called. */
export function modelDigest(manifest: ModelManifest): string {
  const hash = createHash('sha256');
  for (const file of manifest.files) hash.update(file.sha256, 'hex');
  return hash.digest('hex');
}

async function writeAtomically(directory: string, name: string, content: string): Promise<void> {
  const partial = join(directory, `.${name}.${randomUUID()}.partial`);
  await writeFile(partial, content);
  await rename(partial, join(directory, name));
}
