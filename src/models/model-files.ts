import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FoveaError } from '../errors.ts';
import type { UploadedFile } from '../protocol/model-version.ts';

/** A place for the files of one upload until it is known which version they are. */
export interface Staging {
  readonly directory: string;
  readonly files: UploadedFile[];
}

/** Whose version it is: what the path of its files is made of. */
export interface VersionPlace {
  readonly ownerId: string | null;
  readonly name: string;
  readonly version: number;
}

const stagingFolder = '.staging';
/** An upload whose bytes are all there is read and proved in less. */
const idleMs = 3_600_000;
/** Uploaded names never begin with a dot. */
const servedName = '.served.onnx';
const stepsName = '.served.steps.json';

/** `models/{user_id}/{model_name}/v{n}/` under the data directory: the files as they were uploaded, and the model that is served. */
export class ModelFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Removes what a kill cut off: uploads and deletions in which nothing was written for an hour. Others may
   * be those of a server that shares the folder.
   */
  async clean(now = Date.now()): Promise<void> {
    const staging = join(this.#directory, stagingFolder);
    for (const name of await readdir(staging).catch(() => [])) {
      const folder = join(staging, name);
      if ((await lastWritten(folder)) < now - idleMs)
        await rm(folder, { recursive: true, force: true });
    }
  }

  async stage(): Promise<Staging> {
    const directory = join(this.#directory, stagingFolder, randomUUID());
    await stored(() => mkdir(directory, { recursive: true, mode: 0o700 }));
    return { directory, files: [] };
  }

  /**
   * Writes one uploaded file, digest and size taken on the way; it is never in memory as a whole.
   * @throws FoveaError REQUEST_INVALID for a name that is there already, MODEL_TOO_LARGE, STORAGE_UNAVAILABLE.
   */
  async receive(
    staging: Staging,
    uploadedName: string,
    stream: Readable,
    limit: number,
  ): Promise<void> {
    const name = safeName(uploadedName);
    if (staging.files.some((file) => file.name === name))
      throw new FoveaError(
        'REQUEST_INVALID',
        `Two files are named ${name}; give each its own name.`,
      );
    const before = staging.files.reduce((sum, file) => sum + file.size_bytes, 0);
    const hash = createHash('sha256');
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        if (before + size > limit) return done(tooLarge(limit));
        hash.update(chunk);
        done(null, chunk);
      },
    });
    const target = createWriteStream(join(staging.directory, name), { flush: true, mode: 0o600 });
    await stored(() => pipeline(stream, measure, target));
    staging.files.push({ name, size_bytes: size, sha256: hash.digest('hex') });
  }

  stagedPath(staging: Staging, name: string): string {
    return join(staging.directory, name);
  }

  stagedModel(staging: Staging): string {
    return join(staging.directory, servedName);
  }

  /** Where the worker puts what is done before and after the graph. */
  stagedSteps(staging: Staging): string {
    return join(staging.directory, stepsName);
  }

  /** Moves the files to their version's folder. What lies there belongs to no version: an upload that was cut off. */
  async settle(staging: Staging, place: VersionPlace): Promise<void> {
    const home = this.#home(place);
    await stored(async () => {
      await mkdir(dirname(home), { recursive: true, mode: 0o700 });
      await rm(home, { recursive: true, force: true });
      await syncFolder(staging.directory);
      await rename(staging.directory, home);
      await syncFolder(dirname(home));
    });
  }

  async discard(staging: Staging): Promise<void> {
    await rm(staging.directory, { recursive: true, force: true }).catch(() => undefined);
  }

  /** The ONNX file to serve. */
  servedPath(place: VersionPlace): string {
    return join(this.#home(place), servedName);
  }

  /** What is done before and after its graph, for versions that say so. */
  stepsPath(place: VersionPlace): string {
    return join(this.#home(place), stepsName);
  }

  /**
   * An uploaded file, open: whoever reads it is not disturbed by a deletion. To be closed by the caller.
   * @throws FoveaError STORAGE_UNAVAILABLE when it is gone.
   */
  async open(place: VersionPlace, name: string): Promise<FileHandle> {
    return await stored(() => open(join(this.#home(place), safeName(name)), 'r'));
  }

  async has(place: VersionPlace): Promise<boolean> {
    return await access(this.#home(place)).then(
      () => true,
      () => false,
    );
  }

  /**
   * Deletes all files of a version. They leave their place at once; a deletion that a kill cuts off is completed by `clean`.
   * @throws FoveaError STORAGE_UNAVAILABLE.
   */
  async remove(place: VersionPlace): Promise<void> {
    const home = this.#home(place);
    const away = join(this.#directory, stagingFolder, randomUUID());
    await stored(async () => {
      await mkdir(dirname(away), { recursive: true, mode: 0o700 });
      await rename(home, away).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await syncFolder(dirname(away));
      await rm(away, { recursive: true, force: true });
    });
  }

  #home({ ownerId, name, version }: VersionPlace): string {
    return join(this.#directory, ownerId ?? 'open', name, `v${version}`);
  }
}

/** When a folder, or a file in it, was written to last, in ms since 1970; never for one that is gone. */
async function lastWritten(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const times = await Promise.all(
    ['', ...files].map(async (name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      ),
    ),
  );
  return Math.max(...times);
}

/** A file's own name without folders, control characters and leading dots. */
function safeName(uploaded: string): string {
  const base = uploaded.split(/[/\\]/).at(-1) ?? '';
  const name = base
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._-]+/, '')
    .slice(-128);
  return name === '' ? 'model' : name;
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FoveaError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'ABORT_ERR')
      throw new FoveaError('REQUEST_INVALID', 'The upload was cut off; send it again.', {}, error);
    throw new FoveaError(
      'STORAGE_UNAVAILABLE',
      `The model store cannot be used (${code}); free space or mend the disk of FOVEA_DATA_DIR.`,
      { retry_after_seconds: 5 },
      error,
    );
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function tooLarge(limit: number): FoveaError {
  return new FoveaError(
    'MODEL_TOO_LARGE',
    `The model has more than ${limit} bytes; send a smaller one, or raise FOVEA_MAX_MODEL_BYTES.`,
    { max_bytes: limit },
  );
}
