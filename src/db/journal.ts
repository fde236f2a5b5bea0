import { mkdir } from 'node:fs/promises';
import { FoveaError } from '../errors.ts';
import {
  listSegments,
  OpenSegment,
  readSegment,
  removeSegment,
  type Segment,
} from './journal-segment.ts';

export interface JournalOptions<T> {
  /** Its own folder; made with mode 0700. One process at a time (see `claimDataDirectory`). */
  readonly directory: string;
  /** Bound of all that waits, on disk and on its way there. */
  readonly maxBytes: number;
  /** Bytes of one file, which is read back at once; by default a sixteenth of the bound, 4 KiB to 1 MiB. */
  readonly segmentBytes?: number;
  /** Reads a record's line of JSON, without its end; throws when it is none, and the line is then left out. */
  readonly parse: (line: string) => T;
  /** Told how many lines of a file could not be read back. */
  readonly onDamage?: (path: string, lines: number) => void;
}

export interface Identified {
  readonly id: string;
}

interface Pending {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A seal costs a new file, so segments are a sixteenth of the bound, within these bytes. */
const MIN_SEGMENT_BYTES = 4_096;
const MAX_SEGMENT_BYTES = 1_048_576;

/**
 * Records that must survive although the database is away. `append` resolves when its record is on
 * the disk (appends at the same time share one sync); `drain` hands them on, oldest first, and
 * removes a file when all of it was taken. After a kill, records of the oldest file may be handed
 * on once more: a handler recognises them by `id`. `T` is what comes out, made of the line that was appended.
 */
export class Journal<T extends Identified, Appended extends Identified = T> {
  readonly #options: JournalOptions<T>;
  readonly #segmentBytes: number;
  #sealed: Segment[];
  /** Bytes in `#sealed`, kept along: every append looks at it. */
  #sealedBytes: number;
  #open: OpenSegment | undefined;
  #nextNumber: number;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #sealers: (() => void)[] = [];
  #writing = false;
  #draining: Promise<number> | undefined;
  #closed = false;
  /** How many records of the oldest segment were taken. */
  #taken = 0;

  private constructor(options: JournalOptions<T>, sealed: Segment[]) {
    this.#options = options;
    const share = options.segmentBytes ?? Math.ceil(options.maxBytes / 16);
    this.#segmentBytes = Math.min(Math.max(share, MIN_SEGMENT_BYTES), MAX_SEGMENT_BYTES);
    this.#sealed = sealed;
    this.#sealedBytes = sealed.reduce((sum, { size }) => sum + size, 0);
    this.#nextNumber = (sealed.at(-1)?.number ?? 0) + 1;
  }

  /** Opens the journal with what an earlier process left in it. */
  static async open<T extends Identified, Appended extends Identified = T>(
    options: JournalOptions<T>,
  ): Promise<Journal<T, Appended>> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    // Never written to again: the last line may be torn.
    return new Journal(options, await listSegments(options.directory));
  }

  /** Bytes that wait to be drained. */
  get size(): number {
    return this.#sealedBytes + (this.#open?.size ?? 0) + this.#pendingBytes;
  }

  /**
   * Keeps `record`, which must survive JSON. Rejects with `STORAGE_UNAVAILABLE` when the journal is
   * full or closed or the disk refuses; the record may then still be drained later, or not.
   */
  async append(record: Appended): Promise<void> {
    const line = `${JSON.stringify(record)}\n`;
    const bytes = Buffer.byteLength(line);
    if (this.#closed) throw new FoveaError('STORAGE_UNAVAILABLE', 'The journal is closed.');
    if (this.size + bytes > this.#options.maxBytes) throw this.#full(bytes);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ line, resolve, reject });
    this.#pendingBytes += bytes;
    void this.#write();
    return promise;
  }

  /**
   * Hands everything that was appended before this call to `handler`, oldest first, at most
   * `batchSize` records at a time. A batch counts as taken when `handler` resolves; when it
   * rejects, so does `drain`, and the next one starts with the same batch. Resolves with the number
   * of records taken. A call while another drain runs joins that one.
   */
  async drain(handler: (batch: readonly T[]) => Promise<void>, batchSize: number): Promise<number> {
    this.#draining ??= this.#drainAll(handler, batchSize).finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  /** Waits for the appends and the drain in progress. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining?.catch(() => {});
    await this.#sealAll();
  }

  /** The one writer: appends what waits, group by group, and seals between groups when asked. */
  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    await Promise.resolve(); // so that all the appends of this turn share one sync
    while (this.#pending.length > 0 || this.#sealers.length > 0) {
      if (this.#pending.length > 0) await this.#flush();
      const sealers = this.#sealers.splice(0);
      if (sealers.length > 0 || (this.#open?.size ?? 0) >= this.#segmentBytes) await this.#seal();
      for (const done of sealers) done();
    }
    this.#writing = false;
  }

  async #flush(): Promise<void> {
    let group: Pending[] | undefined;
    try {
      this.#open ??= await OpenSegment.create(this.#options.directory, this.#nextNumber++);
      group = this.#takePending();
      await this.#open.append(group.map(({ line }) => line).join(''));
      for (const { resolve } of group) resolve();
    } catch (error) {
      const message = 'The journal could not be written to the disk of the data directory.';
      const failure = new FoveaError('STORAGE_UNAVAILABLE', message, {}, error);
      for (const { reject } of group ?? this.#takePending()) reject(failure);
      await this.#seal(); // its end is in doubt
    }
  }

  #takePending(): Pending[] {
    this.#pendingBytes = 0;
    return this.#pending.splice(0);
  }

  async #seal(): Promise<void> {
    const segment = this.#open;
    if (segment === undefined) return;
    this.#open = undefined;
    this.#sealed.push(segment);
    this.#sealedBytes += segment.size;
    await segment.close().catch(() => {});
  }

  /** Resolves when everything appended so far is in sealed segments. */
  async #sealAll(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sealers.push(resolve);
    void this.#write();
    return promise;
  }

  async #drainAll(
    handler: (batch: readonly T[]) => Promise<void>,
    batchSize: number,
  ): Promise<number> {
    await this.#sealAll();
    let total = 0;
    for (const segment of this.#sealed.slice()) {
      const records = await this.#read(segment);
      while (this.#taken < records.length) {
        const batch = records.slice(this.#taken, this.#taken + batchSize);
        await handler(batch);
        this.#taken += batch.length;
        total += batch.length;
      }
      await removeSegment(segment);
      this.#sealed.shift();
      this.#sealedBytes -= segment.size;
      this.#taken = 0;
    }
    return total;
  }

  async #read(segment: Segment): Promise<T[]> {
    const lines = await readSegment(segment);
    const records: T[] = [];
    for (const line of lines) {
      try {
        records.push(this.#options.parse(line));
      } catch {
        // Counted below. A torn line can also be in the middle, after a write that failed.
      }
    }
    const lost = lines.length - records.length;
    if (lost > 0) this.#options.onDamage?.(segment.path, lost);
    return records;
  }

  #full(bytes: number): FoveaError {
    const { maxBytes } = this.#options;
    const message = `The journal is full: it holds ${this.size} bytes of at most ${maxBytes}, and the record has ${bytes}.`;
    return new FoveaError('STORAGE_UNAVAILABLE', message, { max_bytes: maxBytes });
  }
}
