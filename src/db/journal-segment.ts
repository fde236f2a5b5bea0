import { constants } from 'node:fs';
import { open, readdir, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from './cluster.ts';

/** One file of a journal: complete lines of JSON, then perhaps a line that a kill cut off, then perhaps zeros. */
export interface Segment {
  readonly path: string;
  readonly number: number;
  /** Bytes in it. */
  size: number;
}

const extension = '.ndjson';
/**
 * Linux has what is written on the disk before the call returns (open(2), O_DSYNC): one call instead of two.
 * Elsewhere the flag is missing, or leaves the drive's own cache out, and a sync follows each write.
 */
const syncsItself = process.platform === 'linux';
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
/** Zeros are written ahead in steps: where a file does not grow, a sync has the data to write and nothing else. */
const stepBytes = 32_768;

/** The segments in `directory`, oldest first. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const numbers = (await readdir(directory))
    .filter((name) => /^\d{10}\.ndjson$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .toSorted((a, b) => a - b);
  return Promise.all(
    numbers.map(async (number) => {
      const path = segmentPath(directory, number);
      return { path, number, size: (await stat(path)).size };
    }),
  );
}

/** A segment that is being written. */
export class OpenSegment implements Segment {
  readonly path: string;
  readonly number: number;
  size = 0;
  readonly #file: FileHandle;
  /** Bytes of the file, zeros included. */
  #allocated = 0;

  private constructor(path: string, number: number, file: FileHandle) {
    this.path = path;
    this.number = number;
    this.#file = file;
  }

  static async create(directory: string, number: number): Promise<OpenSegment> {
    const path = segmentPath(directory, number);
    const file = await open(path, syncsItself ? flags | constants.O_DSYNC : flags, 0o600);
    await syncDirectory(directory);
    return new OpenSegment(path, number, file);
  }

  /** Resolves when the text is on the disk itself. After an error, what the file holds is unknown. */
  async append(text: string): Promise<void> {
    const start = this.size;
    const bytes = this.#padded(text);
    for (let at = 0; at < bytes.length;)
      at += (await this.#file.write(bytes, at, bytes.length - at, start + at)).bytesWritten;
    if (!syncsItself) await this.#file.datasync();
  }

  /** Without the zeros. */
  async close(): Promise<void> {
    try {
      await this.#file.truncate(this.size);
    } finally {
      await this.#file.close();
    }
  }

  /** The text at the end of the data, with zeros for what comes after it when it does not fit in the file. */
  #padded(text: string): Buffer {
    const bytes = Buffer.from(text);
    const start = this.size;
    this.size += bytes.length;
    if (this.size <= this.#allocated) return bytes;
    this.#allocated = this.size + stepBytes;
    return Buffer.concat([bytes], this.#allocated - start);
  }
}

/** A segment's complete lines. */
export async function readSegment({ path }: Segment): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  lines.pop(); // empty, zeros, or torn: never acknowledged
  return lines;
}

export async function removeSegment({ path }: Segment): Promise<void> {
  await rm(path, { force: true });
}

function segmentPath(directory: string, number: number): string {
  return join(directory, String(number).padStart(10, '0') + extension);
}
