export interface SessionKeeperOptions {
  readonly expire: () => Promise<unknown>;
  readonly flush: () => Promise<void>;
  readonly purge: () => Promise<unknown>;
  readonly onFailure: (task: string, error: unknown) => void;
}

const expireEveryMs = 1_000;
const flushEveryMs = 1_000;
const purgeEveryMs = 3_600_000;

/** The chores of sessions, each at its own pace and never twice at once. */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#repeat('expire sessions', this.#options.expire, expireEveryMs);
    this.#repeat('write detections', this.#options.flush, flushEveryMs);
    this.#repeat('purge detections', this.#options.purge, purgeEveryMs);
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.allSettled(this.#running);
  }

  #repeat(task: string, work: () => Promise<unknown>, pauseMs: number): void {
    const run = async (): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!this.#stopped) this.#options.onFailure(task, error);
      }
    };
    const again = (): void => {
      const running = run().finally(() => {
        this.#running.delete(running);
        if (!this.#stopped) this.#timers.set(task, setTimeout(again, pauseMs));
      });
      this.#running.add(running);
    };
    again();
  }
}
