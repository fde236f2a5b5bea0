import type { Stage } from '../protocol/analysis.ts';

type WorkerStage = Exclude<Stage, 'queue'>;

/** Adds up how long each stage of one job took, in milliseconds. */
export class StageClock {
  readonly #spent: Record<WorkerStage, number> = {
    decode: 0,
    preprocess: 0,
    inference: 0,
    postprocess: 0,
  };

  get spent(): Readonly<Record<WorkerStage, number>> {
    return this.#spent;
  }

  async time<T>(stage: WorkerStage, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.#spent[stage] += performance.now() - started;
    }
  }
}
