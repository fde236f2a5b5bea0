import { setTimeout as sleep } from 'node:timers/promises';
import { FoveaError } from '../errors.ts';
import type { Identified, Journal } from './journal.ts';

/** Where records end up: a table. */
export interface RecordSink<T> {
  /** Idempotent by id. */
  insert(records: readonly T[]): Promise<void>;
}

export interface JournaledLogOptions<T extends Identified, Recorded extends Identified = T> {
  readonly journal: Journal<T, Recorded>;
  readonly sink: RecordSink<T>;
  /** Told of trouble, at most once a minute. */
  readonly onTrouble?: (trouble: JournaledLogStats, cause: unknown) => void;
  /** Longest time that an answer waits for the disk. */
  readonly patienceMs?: number;
}

/** Counts since the start; each record is in at most one of `dropped` and `rejected`. */
export interface JournaledLogStats {
  /** On the disk before the answer went out. */
  readonly recorded: number;
  /** Answered without waiting longer for a slow disk; written all the same if the disk comes round. */
  readonly late: number;
  /** Lost: the journal was full or the disk refused. */
  readonly dropped: number;
  /** Handed to the database. */
  readonly written: number;
  /** Lost: the database refused the record itself. */
  readonly rejected: number;
  /** Bytes on disk that the database does not have yet. */
  readonly waitingBytes: number;
}

interface Waiting {
  readonly since: number;
  readonly resolve: () => void;
}

const looksPerPatience = 10;
const batchSize = 500;
const patienceMs = 1_000;
const closeLimitMs = 5_000;
const troubleEveryMs = 60_000;

/**
 * A log of what was answered. `record` resolves when the record is on this machine's disk, records at the
 * same time sharing one sync; `flush` hands them to the database. So a kill loses nothing that was
 * answered, and a slow or absent database slows no answer.
 *
 * An answer is worth more than its record: when the journal is full, or the disk does not answer
 * within a second, it is given all the same, and counted as `dropped` or `late`.
 */
export class JournaledLog<T extends Identified, Recorded extends Identified = T> {
  readonly #options: JournaledLogOptions<T, Recorded>;
  readonly #counts = { recorded: 0, late: 0, dropped: 0, written: 0, rejected: 0 };
  readonly #waiting = new Set<Waiting>();
  #clock: NodeJS.Timeout | undefined;
  #toldAt = -Infinity;

  constructor(options: JournaledLogOptions<T, Recorded>) {
    this.#options = options;
  }

  get stats(): JournaledLogStats {
    return { ...this.#counts, waitingBytes: this.#options.journal.size };
  }

  /** Never rejects; resolves within the patience, and a tenth of it. */
  async record(entry: Recorded): Promise<void> {
    return await new Promise((resolve) => {
      const waiting = { since: performance.now(), resolve };
      this.#waiting.add(waiting);
      this.#watch();
      this.#options.journal.append(entry).then(
        () => this.#settle(waiting, 'recorded'),
        (error: unknown) => {
          this.#trouble(error);
          this.#settle(waiting, 'dropped');
        },
      );
    });
  }

  /** Hands what waits to the database, oldest first. Rejects when the database is away. */
  async flush(): Promise<void> {
    await this.#options.journal.drain((batch) => this.#write(batch), batchSize);
  }

  /** Tries to write what waits, but not for long: what is left is on the disk for the next start. */
  async close(): Promise<void> {
    const written = this.flush().catch(() => undefined);
    const closed = written.then(() => this.#options.journal.close());
    await Promise.race([closed, sleep(closeLimitMs, undefined, { ref: false })]);
  }

  #settle(waiting: Waiting, outcome: 'recorded' | 'dropped' | 'late'): void {
    if (!this.#waiting.delete(waiting)) return;
    this.#counts[outcome] += 1;
    waiting.resolve();
  }

  /** One clock for all that wait, oldest first; a timer for each would cost more than the record. */
  #watch(): void {
    if (this.#clock) return;
    const limit = this.#options.patienceMs ?? patienceMs;
    const look = (): void => {
      this.#clock = undefined;
      const now = performance.now();
      for (const waiting of this.#waiting) {
        if (now - waiting.since < limit) break;
        this.#settle(waiting, 'late');
      }
      if (this.#waiting.size > 0) this.#watch();
    };
    this.#clock = setTimeout(look, Math.ceil(limit / looksPerPatience));
  }

  /** A record that the database cannot take must not hold up those behind it: halves find it. */
  async #write(batch: readonly T[]): Promise<void> {
    try {
      await this.#options.sink.insert(batch);
      this.#counts.written += batch.length;
    } catch (error) {
      if (error instanceof FoveaError) throw error;
      if (batch.length > 1) {
        const middle = batch.length >> 1;
        await this.#write(batch.slice(0, middle));
        await this.#write(batch.slice(middle));
      } else {
        this.#counts.rejected += batch.length;
        this.#trouble(error);
      }
    }
  }

  #trouble(cause: unknown): void {
    if (performance.now() - this.#toldAt < troubleEveryMs) return;
    this.#toldAt = performance.now();
    this.#options.onTrouble?.(this.stats, cause);
  }
}
