import type { Engine } from '../engine/engine.ts';
import type { ModelCacheLimits, NamedTensors, ServedModel } from '../engine/tabular-tasks.ts';
import { RowBatcher, type Ran, type Run } from './row-batcher.ts';
import type { Waiters } from './waiters.ts';

export interface RunnerOptions {
  readonly engine: Engine;
  /** Processes that share the models out among them. */
  readonly processes: number;
  readonly limits: ModelCacheLimits;
  readonly timeoutMs: number;
  /** Told how many requests share each run of a model. */
  readonly onBatch?: (requests: number) => void;
}

/** The groups that user's models run in: one process each, every model always in the same one. */
export function tabularGroups(processes: number): string[] {
  return Array.from({ length: processes }, (_, index) =>
    index === 0 ? 'tabular' : `tabular-${index}`,
  );
}

/** Runs user's models where they are loaded, rows of several requests together where that is allowed. */
export class ModelRunner {
  readonly #options: RunnerOptions;
  readonly #groups: readonly string[];
  readonly #batchers = new Map<string, RowBatcher>();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#groups = tabularGroups(options.processes);
  }

  /** @param batched whether the rows may share a run with those of other requests. @throws what `Engine.run` throws. */
  async run(
    model: ServedModel,
    runs: readonly NamedTensors[],
    rows: number,
    batched: boolean,
    waiters: Waiters,
  ): Promise<Ran> {
    const [inputs] = runs;
    if (!batched || !inputs) return await this.#send(model, runs, waiters);
    const batcher = this.#batcher(model);
    try {
      return await batcher.submit(inputs, rows, waiters);
    } finally {
      if (batcher.idle && this.#batchers.get(model.key) === batcher)
        this.#batchers.delete(model.key);
    }
  }

  /** Resolves when the model is in memory, with the milliseconds it took; 0 when it was there. */
  async load(model: ServedModel): Promise<number> {
    const { engine, limits, timeoutMs } = this.#options;
    const { output } = await engine.run(
      this.#group(model),
      'load-model',
      { model, limits },
      { timeoutMs },
    );
    return output.loadMs;
  }

  /** Requests under way finish first. `false` when it was not loaded. */
  async unload(model: ServedModel): Promise<boolean> {
    const { engine, timeoutMs } = this.#options;
    const { key } = model;
    const { output } = await engine.run(this.#group(model), 'unload-model', { key }, { timeoutMs });
    return output.unloaded;
  }

  /** Starts the processes, so that the first prediction does not wait for one. */
  warm(): void {
    for (const group of this.#groups) this.#options.engine.open(group);
  }

  #batcher(model: ServedModel): RowBatcher {
    const known = this.#batchers.get(model.key);
    if (known) return known;
    const run: Run = (runs, waiters) => this.#send(model, runs, waiters);
    const batcher = new RowBatcher(run, this.#options.timeoutMs, this.#options.onBatch);
    this.#batchers.set(model.key, batcher);
    return batcher;
  }

  async #send(
    model: ServedModel,
    runs: readonly NamedTensors[],
    waiters: Waiters | undefined,
  ): Promise<Ran> {
    const { engine, limits, timeoutMs } = this.#options;
    const { output, queueMs } = await engine.run(
      this.#group(model),
      'predict',
      { model, runs, limits },
      { timeoutMs, signal: waiters?.signal },
    );
    return { ...output, queueMs };
  }

  #group({ key }: ServedModel): string {
    let sum = 0;
    for (let i = 0; i < key.length; i += 1) sum = (Math.imul(sum, 31) + key.charCodeAt(i)) >>> 0;
    return this.#groups[sum % this.#groups.length] ?? 'tabular';
  }
}
