import { randomUUID } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { checkBlobKey, type BlobStore } from './blob-store.ts';
import { writeDurably } from './write-durably.ts';

/** Blobs as files `<directory>/ab/<key>`, written beside their place, flushed, then renamed. */
export class DiskBlobStore implements BlobStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(key);
    await guarded(() => writeDurably(path, bytes));
  }

  async has(key: string): Promise<boolean> {
    const path = this.#path(key);
    return await guarded(() => exists(path));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const path = this.#path(key);
    return await guarded(async () => {
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key);
    await guarded(() => rm(path, { force: true }));
  }

  async probe(): Promise<void> {
    const path = join(this.#directory, `.probe-${randomUUID()}`);
    try {
      await guarded(async () => {
        await writeDurably(path, Buffer.from('probe'));
        await readFile(path);
      });
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }

  #path(key: string): string {
    checkBlobKey(key);
    return join(this.#directory, key.slice(0, 2), key);
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new FoveaError(
      'STORAGE_UNAVAILABLE',
      `The image store cannot be used (${code}); free space or mend the disk of FOVEA_DATA_DIR.`,
      { retry_after_seconds: 5 },
      error,
    );
  }
}
