import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FoveaError } from '../errors.ts';
import type { BlobStore } from './blob-store.ts';

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
    if (!/^[0-9a-f]{64}$/.test(key)) throw new TypeError('a blob key is a SHA-256 in hex');
    return join(this.#directory, key.slice(0, 2), key);
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`;
  const handle = await create(partial);
  try {
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true }); // the first blob of its folder
    return await open(path, 'wx', 0o600);
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
