import type { ModelRegistry } from '../models/model-registry.ts';
import type { SetupStatus } from '../protocol/setup.ts';

/** Longest time for all models together to be loaded and warmed up. */
const loadDeadlineMs = 300_000;

/** Brings every model that the server knows and warms it up; one run at a time, whoever asks. */
export class Setup {
  readonly #registry: ModelRegistry;
  readonly #onFilesBrought: () => void;
  #running: Promise<void> | undefined;
  #startedAt: Date | undefined;
  #finishedAt: Date | undefined;

  /** @param onFilesBrought called when no more model files will be made in this run. */
  constructor(registry: ModelRegistry, onFilesBrought: () => void) {
    this.#registry = registry;
    this.#onFilesBrought = onFilesBrought;
  }

  /** Starts a run, or joins the one under way. Never rejects: what failed is in the models' states. */
  start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.#finishedAt = new Date();
      this.#registry.changed();
    });
    return this.#running;
  }

  status(): SetupStatus {
    const models = this.#registry.list();
    return {
      state: this.#state(models.some((model) => model.state === 'failed')),
      started_at: this.#startedAt?.toISOString() ?? null,
      finished_at: this.#finishedAt?.toISOString() ?? null,
      models,
    };
  }

  #state(failed: boolean): SetupStatus['state'] {
    if (this.#running) return 'running';
    if (!this.#finishedAt) return 'idle';
    return failed ? 'failed' : 'done';
  }

  async #run(): Promise<void> {
    this.#startedAt = new Date();
    this.#finishedAt = undefined;
    await this.#registry.discover();
    await Promise.all(this.#registry.list().map((model) => this.#registry.prepare(model.name)));
    this.#onFilesBrought();
    // What is still loading at the deadline stays in state `loading`; readiness says so.
    await this.#registry.settled(AbortSignal.timeout(loadDeadlineMs)).catch(() => undefined);
  }
}
