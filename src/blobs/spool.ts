import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { partialSuffix, writeDurably } from './write-durably.ts';

/** One thing that a store has yet to be told about one blob; only the latest about a key counts. */
export interface SpooledChange {
  readonly number: number;
  readonly kind: 'put' | 'delete';
  readonly key: string;
  readonly bytes: number;
}

/** A removal is an empty file, but not nothing. */
const mostChanges = 200_000;

/**
 * Puts and deletions on disk until a store has them, oldest first: files `<number>-<put|delete>-<key>`,
 * whose names say everything and whose bytes are the blob's. Durable once resolved; survives a kill.
 */
export class Spool {
  readonly #directory: string;
  readonly #maxBytes: number;
  /** In the order of their numbers. */
  readonly #changes = new Map<string, SpooledChange>();
  #bytes = 0;
  #next = 1;

  private constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** Reads what an earlier run left. */
  static async open(directory: string, maxBytes: number): Promise<Spool> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const spool = new Spool(directory, maxBytes);
    for (const name of (await readdir(directory)).toSorted()) await spool.#recover(name);
    return spool;
  }

  get stats(): { readonly changes: number; readonly bytes: number } {
    return { changes: this.#changes.size, bytes: this.#bytes };
  }

  /** What is to be told about a key, if anything is. */
  find(key: string): SpooledChange | undefined {
    return this.#changes.get(key);
  }

  /** The oldest change for which `free` holds. */
  oldest(free: (change: SpooledChange) => boolean): SpooledChange | undefined {
    for (const change of this.#changes.values()) if (free(change)) return change;
    return undefined;
  }

  /** Replaces what was there about the key. @throws FoveaError STORAGE_UNAVAILABLE when full, or the disk refuses. */
  async add(kind: SpooledChange['kind'], key: string, blob: Uint8Array): Promise<void> {
    const before = this.#changes.get(key);
    if (before?.kind === kind) return;
    const bytes = blob.length;
    if (this.#bytes + bytes > this.#maxBytes || this.#changes.size >= mostChanges)
      throw this.#full();
    const change = { number: this.#next++, kind, key, bytes };
    this.#bytes += bytes; // at once, so that those who come meanwhile count it
    try {
      await writeDurably(this.#path(change), blob);
      await syncDirectory(this.#directory);
    } catch (error) {
      this.#bytes -= bytes;
      throw diskRefused(error);
    }
    await this.#replace(change);
  }

  /** The bytes of a put; `undefined` when it was done meanwhile. */
  async read(change: SpooledChange): Promise<Uint8Array | undefined> {
    return await readFile(this.#path(change)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw diskRefused(error);
    });
  }

  /** The store has it. A later change of the same key stays. */
  async done(change: SpooledChange): Promise<void> {
    if (this.#changes.get(change.key) === change) {
      this.#changes.delete(change.key);
      this.#bytes -= change.bytes;
    }
    await rm(this.#path(change), { force: true });
  }

  async #replace(change: SpooledChange): Promise<void> {
    const now = this.#changes.get(change.key);
    // Of two that were written at the same time the later number counts, as after a restart.
    const [loser, winner] = now && now.number > change.number ? [change, now] : [now, change];
    this.#changes.delete(change.key); // so that it goes to the end
    this.#changes.set(change.key, winner);
    if (loser === undefined) return;
    this.#bytes -= loser.bytes;
    await rm(this.#path(loser), { force: true });
  }

  async #recover(name: string): Promise<void> {
    const path = join(this.#directory, name);
    if (name.endsWith(partialSuffix)) return await rm(path, { force: true });
    const match = /^(\d{12})-(put|delete)-([0-9a-f]{64})$/.exec(name);
    if (match === null) return;
    const [, number = '', kind, key = ''] = match;
    const { size } = await stat(path);
    this.#next = Number(number) + 1;
    this.#bytes += size;
    await this.#replace({
      number: Number(number),
      kind: kind === 'put' ? 'put' : 'delete',
      key,
      bytes: size,
    });
  }

  #path({ number, kind, key }: SpooledChange): string {
    return join(this.#directory, `${String(number).padStart(12, '0')}-${kind}-${key}`);
  }

  #full(): FoveaError {
    return new FoveaError(
      'STORAGE_UNAVAILABLE',
      `The image store is away, and ${this.#bytes} of at most ${this.#maxBytes} bytes wait for it here; try again later.`,
      { retry_after_seconds: 30 },
    );
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function diskRefused(error: unknown): FoveaError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new FoveaError(
    'STORAGE_UNAVAILABLE',
    `The image store is away, and the disk of FOVEA_DATA_DIR takes nothing for it (${code}).`,
    { retry_after_seconds: 5 },
    error,
  );
}
