import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Journal } from '../db/journal.ts';
import { FoveaError } from '../errors.ts';
import type { PredictionLog, PredictionRecord } from './prediction-record.ts';

/** Where records end up: the table of predictions. */
export interface PredictionSink {
  /** Idempotent by id. */
  insert(records: readonly PredictionRecord[]): Promise<void>;
}

export interface JournaledPredictionsOptions {
  readonly journal: Journal<PredictionRecord>;
  readonly sink: PredictionSink;
  /** Told of trouble, at most once a minute. */
  readonly onTrouble?: (trouble: PredictionLogStats, cause: unknown) => void;
  /** Longest time that a prediction waits for the disk. */
  readonly patienceMs?: number;
}

/** Counts since the start; each record is in at most one of `dropped` and `rejected`. */
export interface PredictionLogStats {
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

const batchSize = 500;
const patienceMs = 1_000;
const closeLimitMs = 5_000;
const troubleEveryMs = 60_000;

/**
 * The prediction log. `record` resolves when the record is on this machine's disk, records at the
 * same time sharing one sync; `flush` hands them to the database. So a kill loses nothing that was
 * answered, and a slow or absent database slows no prediction.
 *
 * A prediction is worth more than its record: when the journal is full, or the disk does not answer
 * within a second, the prediction is answered all the same, and counted as `dropped` or `late`.
 */
export class JournaledPredictions implements PredictionLog {
  readonly #options: JournaledPredictionsOptions;
  readonly #counts = { recorded: 0, late: 0, dropped: 0, written: 0, rejected: 0 };
  #toldAt = -Infinity;

  constructor(options: JournaledPredictionsOptions) {
    this.#options = options;
  }

  get stats(): PredictionLogStats {
    return { ...this.#counts, waitingBytes: this.#options.journal.size };
  }

  /** Never rejects; resolves within the patience. */
  async record(entry: PredictionRecord): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(resolve, this.#options.patienceMs ?? patienceMs, 'late');
    try {
      const outcome = await Promise.race([this.#append(entry), promise]);
      this.#counts[outcome] += 1;
    } finally {
      clearTimeout(timer);
    }
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

  async #append(entry: PredictionRecord): Promise<'recorded' | 'dropped'> {
    try {
      await this.#options.journal.append(entry);
      return 'recorded';
    } catch (error) {
      this.#trouble(error);
      return 'dropped';
    }
  }

  /** A record that the database cannot take must not hold up those behind it: halves find it. */
  async #write(batch: readonly PredictionRecord[]): Promise<void> {
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

const journaled = z.looseObject({
  id: z.uuidv7(),
  modelId: z.uuid(),
  at: z.coerce.date(),
  rows: z.number(),
  latency: z.looseObject({ totalMs: z.number() }),
});

/** A record as it comes back from the journal, where dates are text. Throws when it is none. */
export function journaledPrediction(value: unknown): PredictionRecord {
  const { at } = journaled.parse(value);
  return { ...(value as PredictionRecord), at };
}
