import type { PredictionPartitions } from '../db/prediction-partitions.ts';
import type { PredictionRollups } from '../db/prediction-rollups.ts';

export interface PredictionKeeperOptions {
  readonly partitions: PredictionPartitions;
  readonly rollups: PredictionRollups;
  readonly flush: () => Promise<void>;
  /** Milliseconds that predictions and their sums are kept. */
  readonly retentionMs: number;
  /** Told what failed; it is tried again at its next time. */
  readonly onFailure: (task: string, error: unknown) => void;
}

const flushEveryMs = 1_000;
const rollUpEveryMs = 5_000;
/** Rolling up takes a tenth of the time at most, however many predictions come. */
const rollUpShare = 10;
const sweepEveryMs = 3_600_000;
const daysAhead = 2;

/**
 * The chores of the prediction log, each at its own pace and never twice at once: hand the journal
 * to the database, bring the sums up to date, make partitions ahead and drop the old ones.
 */
export class PredictionKeeper {
  readonly #options: PredictionKeeperOptions;
  readonly #closing = new AbortController();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: PredictionKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#repeat('flush', this.#options.flush, () => flushEveryMs);
    const rollUp = (): Promise<unknown> => this.#options.rollups.refresh(this.#closing.signal);
    this.#repeat('roll-up', rollUp, (ms) => Math.max(rollUpEveryMs, ms * rollUpShare));
    const sweep = (): Promise<void> => this.sweep(new Date());
    this.#repeat('sweep', sweep, (_ms, failed) => (failed ? 60_000 : sweepEveryMs));
  }

  /** Partitions ahead, retention behind. */
  async sweep(now: Date): Promise<void> {
    const { partitions, rollups, retentionMs } = this.#options;
    await partitions.ensureAhead(now, daysAhead);
    const before = new Date(now.getTime() - retentionMs);
    await partitions.dropBefore(before);
    await rollups.dropBefore(before);
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.allSettled(this.#running);
  }

  #repeat(
    task: string,
    work: () => Promise<unknown>,
    pause: (tookMs: number, failed: boolean) => number,
  ): void {
    const run = async (): Promise<void> => {
      const started = performance.now();
      let failed = false;
      try {
        await work();
      } catch (error) {
        failed = true;
        if (!this.#closing.signal.aborted) this.#options.onFailure(task, error);
      }
      if (this.#closing.signal.aborted) return;
      const delay = pause(performance.now() - started, failed);
      this.#timers.set(task, setTimeout(start, delay));
    };
    const start = (): void => {
      const running = run().finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
    start();
  }
}
