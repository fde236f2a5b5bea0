import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../db/with-file-lock.ts';
import { FoveaError } from '../errors.ts';
import { Hub } from '../hub/hub.ts';
import { modelManifest, type ModelFile, type ModelManifest } from '../protocol/model-manifest.ts';
import { bringFile, type ImportTfjs } from './bring-file.ts';
import { FileRecords, type FileRecord } from './file-records.ts';
import { writeAtomically } from './write-atomically.ts';

/** How far a model's files are. */
export interface StoreProgress {
  /** Of the model's bytes, as far as they are known. */
  readonly share: number;
  /** What is on its way now; an archive has more bytes than the file that is wanted of it. */
  readonly transfer?:
    | { readonly file: string; readonly done: number; readonly total: number | undefined }
    | undefined;
}

export interface EnsureOptions {
  readonly onProgress?: (progress: StoreProgress) => void;
  readonly signal?: AbortSignal;
  /** Hash every file, also those that nobody touched since they had their digest. */
  readonly thorough?: boolean;
}

interface Bringing {
  readonly directory: string;
  readonly manifest: ModelManifest;
  readonly records: FileRecords;
  readonly options: EnsureOptions;
  readonly signal: AbortSignal;
}

/**
 * `.models/<name>/<version>/`: the one place where model files live. A file is either whole and
 * its digest checked, or it is not there under its name. Several servers may share the folder: one brings a model,
 * the others wait for it.
 */
export class ModelStore {
  readonly directory: string;
  readonly hub: Hub;
  readonly #importTfjs: ImportTfjs;

  constructor(directory: string, importTfjs: ImportTfjs = noImporter, hub?: Hub) {
    this.directory = directory;
    this.#importTfjs = importTfjs;
    this.hub = hub ?? new Hub({ archives: archivesIn(directory) });
  }

  directoryOf(manifest: Pick<ModelManifest, 'name' | 'version'>): string {
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
  async isWhole(manifest: ModelManifest, thorough = false): Promise<boolean> {
    const records = await FileRecords.open(this.directoryOf(manifest));
    for (const { path, sha256 } of manifest.files)
      if (!(await records.isWhole(path, sha256, thorough))) return false;
    return true;
  }

  /** What is known of the model's files, by their paths. */
  async recordsOf(manifest: ModelManifest): Promise<ReadonlyMap<string, FileRecord>> {
    const records = await FileRecords.open(this.directoryOf(manifest));
    return new Map(
      manifest.files.flatMap(({ path }) => {
        const record = records.get(path);
        return record ? [[path, record] as const] : [];
      }),
    );
  }

  /**
   * Makes every file of the model present and proven: what is there and whole stays, what is
   * missing or damaged is brought from its source. One at a time over all processes.
   * @returns the manifest with the digest and size of every file
   * @throws FoveaError MODEL_UNAVAILABLE, MODEL_CORRUPT, DISK_FULL, HUB_* naming the file and the cause.
   */
  async ensure(manifest: ModelManifest, options: EnsureOptions = {}): Promise<ModelManifest> {
    const directory = this.directoryOf(manifest);
    const signal = options.signal ?? new AbortController().signal;
    // Nothing to do is the usual case, and needs no lock and no folder that can be written to.
    if (!options.thorough && (await this.isWhole(manifest)) && hasManifest(directory))
      return withRecords(manifest, await FileRecords.open(directory));
    const watch = (): void => options.onProgress?.(progressOfAnother(directory, manifest));
    try {
      return await withFileLock(join(directory, '.lock'), signal, watch, async () => {
        const records = await FileRecords.open(directory);
        return await this.#bringAll({ directory, manifest, records, options, signal });
      });
    } catch (error) {
      throw signal.aborted && !(error instanceof FoveaError) ? stopped(error) : asStoreError(error);
    }
  }

  async #bringAll(bringing: Bringing): Promise<ModelManifest> {
    const { directory, manifest, records, options } = bringing;
    await mkdir(directory, { recursive: true });
    const total = bytesOf(manifest.files);
    let done = 0;
    for (const file of manifest.files) {
      if (!(await records.isWhole(file.path, file.sha256, options.thorough ?? false)))
        await this.#bring(
          file,
          bringing,
          (share) => (done + share * (file.bytes ?? 0)) / (total || 1),
        );
      done += file.bytes ?? 0;
      options.onProgress?.({ share: total === 0 ? 1 : done / total });
    }
    const complete = withRecords(manifest, records);
    await writeAtomically(directory, 'manifest.json', `${JSON.stringify(complete, null, 2)}\n`);
    return complete;
  }

  async #bring(
    file: ModelFile,
    { directory, manifest, records, options, signal }: Bringing,
    shareOf: (share: number) => number,
  ): Promise<void> {
    const pinned = records.get(file.path);
    const wanted = { ...file, sha256: file.sha256 ?? pinned?.sha256 };
    // A damaged file is out of the way before another one comes, so that nobody loads it meanwhile.
    await rm(join(directory, file.path), { force: true });
    const tools = { hub: this.hub, importTfjs: this.#importTfjs };
    const brought = await bringFile(directory, wanted, manifest, tools, {
      signal,
      onProgress: (done, all) =>
        options.onProgress?.({
          share: shareOf(all ? done / all : 0),
          transfer: { file: file.path, done, total: all },
        }),
    });
    await records.keep(file.path, {
      sha256: brought.sha256,
      pinned_by: file.sha256 === undefined ? (pinned?.pinned_by ?? brought.pinnedBy) : 'manifest',
      source: file.source,
    });
  }
}

/** Where zip archives lie while files are taken out of them. */
export function archivesIn(directory: string): string {
  return join(directory, '.archives');
}

/** For stores that only look. */
const noImporter: ImportTfjs = () =>
  Promise.reject(
    new FoveaError(
      'MODEL_UNAVAILABLE',
      'The model file cannot be made here: there is no importer.',
    ),
  );

/**
 * SHA-256 over the files' digests in order: the identity of the weights, whatever they are called. Of a model whose
 * files nobody has pinned yet, one that stands for where they will come from.
 */
export function modelDigest(manifest: ModelManifest): string {
  const hash = createHash('sha256');
  for (const { sha256, source } of manifest.files)
    if (sha256 === undefined) hash.update(source);
    else hash.update(sha256, 'hex');
  return hash.digest('hex');
}

/** Bytes of the files, as far as they are known before they are here. */
export function bytesOf(files: readonly ModelFile[]): number {
  return files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
}

function withRecords(manifest: ModelManifest, records: FileRecords): ModelManifest {
  const files = manifest.files.map((file) => {
    const { sha256, bytes } = { ...records.get(file.path), ...definedOf(file) };
    return { ...file, ...(sha256 ? { sha256 } : {}), ...(bytes ? { bytes } : {}) };
  });
  return { ...manifest, files };
}

function definedOf({ sha256, bytes }: ModelFile): { sha256?: string; bytes?: number } {
  return { ...(sha256 ? { sha256 } : {}), ...(bytes ? { bytes } : {}) };
}

function hasManifest(directory: string): boolean {
  return statSync(join(directory, 'manifest.json'), { throwIfNoEntry: false }) !== undefined;
}

/** Another process brings the model: its part of the file shows how far it is. */
function progressOfAnother(directory: string, { files }: ModelManifest): StoreProgress {
  const total = bytesOf(files);
  const there = files.reduce((sum, { path }) => {
    const file = join(directory, path);
    const found =
      statSync(file, { throwIfNoEntry: false }) ??
      statSync(`${file}.partial`, { throwIfNoEntry: false });
    return sum + (found?.size ?? 0);
  }, 0);
  return { share: total === 0 ? 0 : Math.min(1, there / total) };
}

function stopped(cause: unknown): FoveaError {
  return new FoveaError(
    'REQUEST_CANCELLED',
    'The setup was stopped; the next one goes on where it was.',
    {},
    cause,
  );
}

function asStoreError(error: unknown): unknown {
  if (error instanceof FoveaError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC')
    return new FoveaError('DISK_FULL', 'The disk of the models folder has no room.', {}, error);
  return new FoveaError(
    'MODEL_UNAVAILABLE',
    `The models folder cannot be used: ${code ?? 'unknown error'}.`,
    {},
    error,
  );
}
