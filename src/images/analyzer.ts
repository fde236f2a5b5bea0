import type { Engine } from '../engine/engine.ts';
import type { FaceSuite } from '../engine/face-tasks.ts';
import type { LookInput } from '../engine/object-tasks.ts';
import type { AnalyzeInput, AnalyzeOutput, Want } from '../engine/tasks.ts';
import type { StageTimings } from '../protocol/analysis.ts';
import type { ResultCache } from '../store/result-cache.ts';
import { SharedWork } from './shared-work.ts';

/** Raise it whenever the same model files would give another answer: it is part of every cache key. */
const pipelineVersion = 1;

/** The group whose workers hold the models that look at images. */
export const visionGroup = 'vision';

export interface Finding {
  readonly output: AnalyzeOutput;
  readonly cached: boolean;
  readonly timings: StageTimings;
}

export interface AnalyzerOptions {
  readonly engine: Engine;
  readonly cache: ResultCache<AnalyzeOutput>;
  readonly limits: AnalyzeInput['limits'];
  readonly timeoutMs: number;
  /** Changes whenever a model is added or replaced. */
  readonly modelsKey: () => string;
  /** The models for faces of the pack in use; undefined for those that every installation has. */
  readonly suite?: () => FaceSuite | undefined;
  readonly onFinding?: (finding: Finding) => void;
}

/** An encoded image, or the way to read it, and the SHA-256 of its bytes, in hex. */
export interface Subject {
  /** Read only when there is no result yet. */
  readonly bytes: Uint8Array | (() => Promise<Uint8Array>);
  readonly sha256: string;
}

export interface AnalyzeOptions {
  readonly signal?: AbortSignal | undefined;
  /** For `objects` or `classes`: the model's name, when it is not to be the first one for the task. */
  readonly model?: string | undefined;
}

/** What to look for, with which model, and the group whose workers have it. */
export interface Look extends Omit<LookInput, 'image' | 'imageKey' | 'limits'> {
  readonly group: string;
}

/** Image bytes in, findings out: cached by content, models and options; the same work is never done twice at once. */
export class Analyzer {
  readonly #options: AnalyzerOptions;
  readonly #inFlight = new SharedWork<{ output: AnalyzeOutput; queueMs: number }>();

  constructor(options: AnalyzerOptions) {
    this.#options = options;
  }

  /** @throws FoveaError IMAGE_*, or what `Engine.run` throws. */
  async analyze(
    subject: Subject,
    want: readonly Want[],
    options: AnalyzeOptions = {},
  ): Promise<Finding> {
    const { signal, model } = options;
    const suite = this.#options.suite?.();
    const variant = [model ?? '', suite?.detection ?? '', ...want.toSorted()].join(' ');
    return await this.#find(subject, variant, signal, async (all) =>
      this.#options.engine.run(
        visionGroup,
        'analyze',
        {
          ...(await this.#imageOf(subject)),
          want,
          ...(model ? { model } : {}),
          ...(suite ? { suite } : {}),
        },
        { signal: all, timeoutMs: this.#options.timeoutMs, affinity: subject.sha256 },
      ),
    );
  }

  /** Objects or classes by one model, in the group whose workers have it. @throws FoveaError IMAGE_*, or what `Engine.run` throws. */
  async look(subject: Subject, look: Look, signal?: AbortSignal): Promise<Finding> {
    const { group, ...work } = look;
    const { own, task, model, options } = work;
    const variant = `look ${JSON.stringify([task, own?.served.key ?? null, model ?? null, options])}`;
    return await this.#find(subject, variant, signal, async (all) =>
      this.#options.engine.run(
        group,
        'look',
        { ...(await this.#imageOf(subject)), ...work },
        { signal: all, timeoutMs: this.#options.timeoutMs, affinity: subject.sha256 },
      ),
    );
  }

  async #imageOf({
    bytes,
    sha256,
  }: Subject): Promise<Pick<AnalyzeInput, 'image' | 'imageKey' | 'limits'>> {
    const image = typeof bytes === 'function' ? await bytes() : bytes;
    return { image, imageKey: sha256, limits: this.#options.limits };
  }

  async #find(
    { sha256: imageKey }: Subject,
    work: string,
    signal: AbortSignal | undefined,
    run: (all: AbortSignal) => Promise<{ output: AnalyzeOutput; queueMs: number }>,
  ): Promise<Finding> {
    const started = performance.now();
    const variant = `${pipelineVersion} ${this.#options.modelsKey()} ${work}`;
    const known = this.#options.cache.get(imageKey, variant);
    if (known) return { output: known, cached: true, timings: spent({}, started) };
    const { output, queueMs } = await this.#inFlight.join(
      `${imageKey} ${variant}`,
      signal,
      async (all) => {
        const answer = await run(all);
        this.#options.cache.set(imageKey, variant, answer.output);
        return answer;
      },
    );
    const finding = {
      output,
      cached: false,
      timings: spent({ queue: queueMs, ...output.stages }, started),
    };
    this.#options.onFinding?.(finding);
    return finding;
  }

  /** Forgets every result for this image, whatever the options. */
  wipe(imageKey: string): void {
    this.#options.cache.wipe(imageKey);
  }
}

function spent(stages: Partial<StageTimings>, started: number): StageTimings {
  const all = {
    queue: 0,
    decode: 0,
    preprocess: 0,
    inference: 0,
    postprocess: 0,
    ...stages,
    total: performance.now() - started,
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, ms]) => [name, Math.round(ms * 100) / 100]),
  ) as StageTimings;
}
