import type { Engine } from '../engine/engine.ts';
import type {
  ImportModelInput,
  ImportModelOutput,
  NamedTensors,
  ServedModel,
  TabularTasks,
} from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';

/** The group whose one worker reads what users upload: one file at a time, so that a hostile one costs nobody else. */
export const importGroup = 'model-import';

export interface ImporterOptions {
  readonly engine: Engine;
  /** Longest time for one model; the group's `stuckAfterMs` is the same. */
  readonly timeoutMs: number;
  readonly processBytes: number;
}

/** Longest wait for a turn and the work together. */
const patienceMs = 600_000;
/** The worker ends when nobody uploads for this long: its memory goes back. */
const idleMs = 30_000;

/** Has uploaded files read, converted and tried in a process that may die of them. */
export class ModelImporter {
  readonly #options: ImporterOptions;
  #underWay = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: ImporterOptions) {
    this.#options = options;
  }

  /** @throws FoveaError MODEL_INVALID saying what to do; QUEUE_FULL, REQUEST_CANCELLED, SHUTTING_DOWN. */
  async import(
    input: Omit<ImportModelInput, 'processBytes'>,
    signal?: AbortSignal,
  ): Promise<ImportModelOutput> {
    const { processBytes } = this.#options;
    return await this.#held('import-model', { ...input, processBytes }, signal);
  }

  /** Runs a model that was imported but not accepted yet, where it may die of it. @throws also FoveaError PREDICT_FAILED. */
  async run(
    model: ServedModel,
    runs: readonly NamedTensors[],
    signal?: AbortSignal,
  ): Promise<readonly NamedTensors[]> {
    const { processBytes } = this.#options;
    const limits = { bytes: processBytes, models: 1, processBytes };
    const { runs: outputs } = await this.#held('predict', { model, runs, limits }, signal);
    await this.#held('unload-model', { key: model.key }, signal);
    return outputs;
  }

  /** The process stays while somebody needs it, and for a while after. */
  async #held<T extends keyof TabularTasks>(
    task: T,
    input: TabularTasks[T]['input'],
    signal: AbortSignal | undefined,
  ): Promise<TabularTasks[T]['output']> {
    const { engine } = this.#options;
    clearTimeout(this.#idle);
    this.#underWay += 1;
    try {
      const { output } = await engine.run(importGroup, task, input, {
        timeoutMs: patienceMs,
        signal,
      });
      return output;
    } catch (error) {
      throw error instanceof FoveaError && error.code === 'WORKER_LOST' ? this.#fatal() : error;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0)
        this.#idle = setTimeout(() => engine.end(importGroup), idleMs).unref();
    }
  }

  /** The worker held this file and no other when it died. */
  #fatal(): FoveaError {
    const { timeoutMs, processBytes } = this.#options;
    const seconds = timeoutMs / 1000;
    const megabytes = Math.round(processBytes / 2 ** 20);
    return new FoveaError(
      'MODEL_INVALID',
      `Loading and running the model once took more than ${seconds} s or ${megabytes} MiB, or ended the process. Check that it stops and stays small on a row of zeros; FOVEA_IMPORT_TIMEOUT and FOVEA_IMPORT_MEMORY are the limits.`,
      { timeout_seconds: seconds, memory_mib: megabytes },
    );
  }
}
