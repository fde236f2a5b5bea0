import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FoveaError } from '../errors.ts';

const storageFile = 'storage-id';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The files of batch jobs: per job a folder with `input` and one `result-N` per attempt. Each
 * attempt writes a part of its own, of which the job's row says how many bytes count: an attempt
 * that was given up, but does not know it yet, can spoil nothing.
 */
export class JobFiles {
  readonly directory: string;
  /** Names the folder: servers that see the same one share its jobs. */
  readonly storageId: string;

  private constructor(directory: string, storageId: string) {
    this.directory = directory;
    this.storageId = storageId;
  }

  static async open(directory: string): Promise<JobFiles> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, storageFile);
    // Two servers may start at once: the first to write wins.
    await writeFile(path, randomUUID(), { flag: 'wx', flush: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
    return new JobFiles(directory, (await readFile(path, 'utf8')).trim());
  }

  inputOf(id: string): string {
    return join(this.#folder(id), 'input');
  }

  /** Writes a job's input to the disk, through `counter`; resolves with its size. Removes it when that fails. */
  async receive(id: string, source: Readable, counter: Transform): Promise<number> {
    await mkdir(this.#folder(id), { mode: 0o700 });
    try {
      const file = createWriteStream(this.inputOf(id), { mode: 0o600, flush: true });
      await pipeline(source, counter, file);
      return file.bytesWritten;
    } catch (error) {
      await this.remove(id);
      throw error;
    }
  }

  /** The part of an attempt, empty. */
  async createPart(id: string, attempt: number): Promise<FileHandle> {
    return await open(this.#part(id, attempt), 'w', 0o600);
  }

  /** The bytes that count, in order. @throws FoveaError STORAGE_UNAVAILABLE when the files are not here. */
  async result(id: string, parts: readonly number[]): Promise<Readable> {
    const wanted = parts.flatMap((bytes, at) =>
      bytes > 0 ? [{ path: this.#part(id, at + 1), bytes }] : [],
    );
    for (const { path, bytes } of wanted) {
      const size = await stat(path).then(
        (found) => found.size,
        () => -1,
      );
      if (size < bytes) throw elsewhere(id);
    }
    return Readable.from(readAll(wanted), { objectMode: false });
  }

  async remove(id: string): Promise<void> {
    await rm(this.#folder(id), { recursive: true, force: true });
  }

  /** Jobs whose folder was made before `before`. */
  async olderThan(before: Date): Promise<string[]> {
    const names = (await readdir(this.directory)).filter((name) => uuid.test(name));
    const old = await Promise.all(
      names.map(async (name) => {
        const made = await stat(join(this.directory, name)).catch(() => undefined);
        return made !== undefined && made.mtime < before ? [name] : [];
      }),
    );
    return old.flat();
  }

  #folder(id: string): string {
    return join(this.directory, id);
  }

  #part(id: string, attempt: number): string {
    return join(this.#folder(id), `result-${attempt}`);
  }
}

async function* readAll(
  parts: readonly { readonly path: string; readonly bytes: number }[],
): AsyncGenerator<Buffer> {
  for (const { path, bytes } of parts)
    yield* createReadStream(path, { end: bytes - 1 }) as AsyncIterable<Buffer>;
}

function elsewhere(id: string): FoveaError {
  const message = `The files of job ${id} are not on this server; ask the one that took the job, or share FOVEA_JOBS_DIR.`;
  return new FoveaError('STORAGE_UNAVAILABLE', message, { job_id: id });
}
