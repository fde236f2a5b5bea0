import { randomUUIDv7 } from 'node:crypto';
import { FoveaError, toFoveaError } from '../errors.ts';
import type { ModelDirectory, ResolvedVersion } from '../models/model-directory.ts';
import { modelNotFound, refuseArchived } from '../models/model-errors.ts';
import type { ModelFiles } from '../models/model-files.ts';
import type { VersionMemory } from '../models/model-memory.ts';
import type { VersionHolds } from '../models/version-holds.ts';
import { maySee, type ModelViewer } from '../models/model-library.ts';
import { effectiveStatus, servedTaskOf } from '../models/version-reference.ts';
import type { Prediction } from '../protocol/prediction.ts';
import { Computations, type Computed } from './computations.ts';
import { encodeRows } from './encode-rows.ts';
import type { ModelRunner } from './model-runner.ts';
import type { PredictionCache } from './prediction-cache.ts';
import type { PredictionLatency, PredictionLog } from './prediction-record.ts';
import { sampleInputs } from './prediction-sample.ts';
import { recordOf, type Progress } from './record-of.ts';
import { nameOf, ServedVersions } from './served-versions.ts';

export interface PredictOptions {
  readonly directory: ModelDirectory;
  readonly files: ModelFiles;
  readonly holds: VersionHolds;
  readonly runner: ModelRunner;
  readonly cache: PredictionCache;
  readonly log: PredictionLog;
  readonly maxRows: number;
}

export interface PredictCaller extends ModelViewer {
  readonly signal?: AbortSignal | undefined;
}

/** What a caller asks: rows as they came, unchecked. */
export interface PredictQuery {
  readonly modelId: string;
  readonly version?: string | undefined;
  readonly inputs: unknown;
  /** `false`: compute anew, and do not keep the result. */
  readonly cache: boolean;
}

export interface Predicted {
  readonly answer: Prediction;
  readonly deprecated: boolean;
  readonly latency: PredictionLatency;
}

/** Rows in, predictions out: cached by exact input, the same work never done twice at once, every outcome recorded. */
export class PredictService {
  readonly #options: PredictOptions;
  readonly #served: ServedVersions;
  readonly #computations: Computations;

  constructor(options: PredictOptions) {
    this.#options = options;
    this.#served = new ServedVersions(options.files);
    this.#computations = new Computations(options.runner, options.cache, this.#served);
  }

  /**
   * @throws FoveaError MODEL_NOT_FOUND, MODEL_ARCHIVED, MODEL_PURGED, REQUEST_INVALID, PREDICT_INPUT_INVALID, PREDICT_FAILED,
   * MODEL_UNAVAILABLE, QUEUE_FULL, DEADLINE_EXCEEDED, WORKER_LOST.
   */
  async predict(query: PredictQuery, caller: PredictCaller): Promise<Predicted> {
    const started = performance.now();
    const id = randomUUIDv7();
    const progress: Progress = { rows: 0 };
    const { log } = this.#options;
    try {
      const computed = await this.#computed(query, caller, progress);
      const { version } = progress;
      if (!version) throw new Error('computed without a version');
      const latency = latencyOf(computed, started);
      const record = recordOf(id, progress, { latency, computed });
      if (record) await log.record(record);
      const answer = answerOf(id, version, computed, latency);
      return { answer, deprecated: isDeprecated(version), latency };
    } catch (error) {
      const { code } = toFoveaError(error);
      const latency = latencyOf(undefined, started);
      const record = recordOf(id, progress, { latency, code });
      if (record) await log.record(record);
      throw error;
    }
  }

  /** To be called when a model has a new version: it is looked up anew, and its process starts. */
  announce(id: string): void {
    this.#options.directory.forget(id);
    this.warm();
  }

  /** Starts the processes that models run in, so that the first prediction does not wait for them. */
  warm(): void {
    this.#options.runner.warm();
  }

  /** Where versions for rows are in memory. */
  get memory(): VersionMemory {
    const { runner } = this.#options;
    return {
      load: async (version) => await runner.load(this.#served.model(version)),
      unload: async (version) => {
        await runner.unload(this.#served.model(version));
      },
    };
  }

  /** Notes in `progress` how far the request came. */
  async #computed(
    query: PredictQuery,
    caller: PredictCaller,
    progress: Progress,
  ): Promise<Computed> {
    const version = await this.#resolve(query, caller);
    progress.version = version;
    const rows = this.#checkRows(query.inputs);
    progress.rows = rows.length;
    const layout = this.#served.layout(version);
    const runs = encodeRows(layout, rows);
    progress.sample = sampleInputs(layout, runs, rows.length);
    const work = { version, runs, rows: rows.length };
    const release = this.#options.holds.hold(version);
    try {
      return await (query.cache
        ? this.#computations.known(work, caller.signal)
        : this.#computations.fresh(work, caller.signal));
    } finally {
      release();
    }
  }

  async #resolve(
    { modelId, version }: Pick<PredictQuery, 'modelId' | 'version'>,
    viewer: ModelViewer,
  ): Promise<ResolvedVersion> {
    const resolved = await this.#options.directory.resolve(modelId, version);
    if (!maySee(resolved.model, viewer)) throw modelNotFound(modelId);
    const { model, version: found } = resolved;
    const task = servedTaskOf(found);
    if (task !== 'predict')
      throw new FoveaError(
        'REQUEST_INVALID',
        `The model ${model.name} looks at pictures: send one to POST /api/v1/${task}?model=${model.name}.`,
        { model: model.name, task },
      );
    refuseArchived(model, found);
    return resolved;
  }

  #checkRows(inputs: unknown): readonly unknown[] {
    const { maxRows } = this.#options;
    if (!Array.isArray(inputs) || inputs.length === 0)
      throw new FoveaError(
        'REQUEST_INVALID',
        'The body needs `inputs`: a list with at least one row, such as {"inputs": [[5.1, 3.5]]}.',
      );
    if (inputs.length > maxRows)
      throw new FoveaError(
        'REQUEST_INVALID',
        `The request has ${inputs.length} rows; at most ${maxRows} are computed at once. Send them in parts, or as a job.`,
        { rows: inputs.length, max_rows: maxRows },
      );
    return inputs as readonly unknown[];
  }
}

function isDeprecated({ model, version }: ResolvedVersion): boolean {
  return effectiveStatus(model, version) === 'deprecated';
}

function answerOf(
  id: string,
  version: ResolvedVersion,
  { rows: { predictions, probabilities, confidence, scores }, cached }: Computed,
  { inferenceMs, totalMs }: PredictionLatency,
): Prediction {
  return {
    prediction_id: id,
    model: nameOf(version),
    predictions: [...predictions],
    ...(probabilities ? { probabilities: [...probabilities] } : {}),
    ...(confidence ? { confidence: [...confidence] } : {}),
    ...(scores ? { scores: [...scores] } : {}),
    inference_time_ms: inferenceMs,
    total_time_ms: totalMs,
    cached,
  };
}

function latencyOf(computed: Computed | undefined, started: number): PredictionLatency {
  const { queueMs = 0, loadMs = 0, inferenceMs = 0 } = computed ?? {};
  return {
    queueMs: round(queueMs),
    loadMs: round(loadMs),
    inferenceMs: round(inferenceMs),
    totalMs: round(performance.now() - started),
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
