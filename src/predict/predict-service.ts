import { randomUUIDv7 } from 'node:crypto';
import { FoveaError, toFoveaError } from '../errors.ts';
import type { ModelDirectory, ResolvedVersion } from '../models/model-directory.ts';
import { archived, modelNotFound } from '../models/model-errors.ts';
import type { ModelFiles } from '../models/model-files.ts';
import { maySee, type ModelViewer } from '../models/model-library.ts';
import { effectiveStatus } from '../models/version-reference.ts';
import type { NamedTensors, ServedModel } from '../engine/tabular-tasks.ts';
import type { LoadedModel } from '../protocol/model-version.ts';
import type { Prediction } from '../protocol/prediction.ts';
import { decodeOutputs, type DecodedRows } from './decode-outputs.ts';
import { encodeRows } from './encode-rows.ts';
import type { ModelRunner } from './model-runner.ts';
import { predictionKey, type PredictionCache } from './prediction-cache.ts';
import type { PredictionLatency, PredictionLog, PredictionRecord } from './prediction-record.ts';
import { sampleInputs, sampleOutputs } from './prediction-sample.ts';
import { rowLayout, type RowLayout } from './row-layout.ts';
import { Waiters } from './waiters.ts';

export interface PredictOptions {
  readonly directory: ModelDirectory;
  readonly files: ModelFiles;
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

interface Computed {
  readonly rows: DecodedRows;
  readonly queueMs: number;
  readonly loadMs: number;
  readonly inferenceMs: number;
}

interface Flight {
  readonly waiters: Waiters;
  readonly result: Promise<Computed>;
}

/** How far a request came: what its record can say when it fails. */
interface Progress extends Partial<ResolvedVersion> {
  sample?: ReturnType<typeof sampleInputs>;
  rows: number;
}

/** Rows in, predictions out: cached by exact input, the same work never done twice at once, every outcome recorded. */
export class PredictService {
  readonly #options: PredictOptions;
  readonly #layouts = new WeakMap<object, RowLayout>();
  readonly #flights = new Map<string, Flight>();

  constructor(options: PredictOptions) {
    this.#options = options;
  }

  /**
   * @throws FoveaError MODEL_NOT_FOUND, MODEL_ARCHIVED, REQUEST_INVALID, PREDICT_INPUT_INVALID, PREDICT_FAILED,
   * MODEL_UNAVAILABLE, QUEUE_FULL, DEADLINE_EXCEEDED, WORKER_LOST.
   */
  async predict(query: PredictQuery, caller: PredictCaller): Promise<Predicted> {
    const started = performance.now();
    const id = randomUUIDv7();
    const progress: Progress & {
      model?: ResolvedVersion['model'];
      version?: ResolvedVersion['version'];
    } = { rows: 0 };
    try {
      const resolved = await this.#resolve(query, caller);
      Object.assign(progress, resolved);
      const rows = this.#checkRows(query.inputs);
      progress.rows = rows.length;
      const layout = this.#layout(resolved);
      const runs = encodeRows(layout, rows);
      progress.sample = sampleInputs(layout, runs, rows.length);
      const { computed, cached } = await this.#compute(query, caller, resolved, runs, rows.length);
      const latency = latencyOf(cached ? undefined : computed, started);
      await this.#record(id, progress, caller, { latency, cached, decoded: computed.rows });
      const { model, version } = resolved;
      return {
        answer: answerOf(id, resolved, computed.rows, latency, cached),
        deprecated: effectiveStatus(model, version) === 'deprecated',
        latency,
      };
    } catch (error) {
      const latency = latencyOf(undefined, started);
      await this.#record(id, progress, caller, { latency, cached: false, error });
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

  /** Brings the version into memory. */
  async load(id: string, reference: string | undefined, viewer: ModelViewer): Promise<LoadedModel> {
    const resolved = await this.#resolve({ modelId: id, version: reference }, viewer);
    const ms = await this.#options.runner.load(this.#served(resolved));
    return { ...nameOf(resolved), loaded: true, load_ms: round(ms) };
  }

  /** Takes the version out of memory, after the requests under way. */
  async unload(
    id: string,
    reference: string | undefined,
    viewer: ModelViewer,
  ): Promise<LoadedModel> {
    const resolved = await this.#options.directory.resolve(id, reference);
    if (!maySee(resolved.model, viewer)) throw modelNotFound(id);
    await this.#options.runner.unload(this.#served(resolved));
    return { ...nameOf(resolved), loaded: false, load_ms: 0 };
  }

  async #resolve(
    { modelId, version }: Pick<PredictQuery, 'modelId' | 'version'>,
    viewer: ModelViewer,
  ): Promise<ResolvedVersion> {
    const resolved = await this.#options.directory.resolve(modelId, version);
    if (!maySee(resolved.model, viewer)) throw modelNotFound(modelId);
    const { model, version: found } = resolved;
    if (effectiveStatus(model, found) === 'archived')
      throw archived(
        model.status === 'archived'
          ? `The model ${model.name}`
          : `Version ${found.version} of ${model.name}`,
      );
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

  async #compute(
    query: PredictQuery,
    caller: PredictCaller,
    resolved: ResolvedVersion,
    runs: readonly NamedTensors[],
    rows: number,
  ): Promise<{ computed: Computed; cached: boolean }> {
    if (!query.cache) {
      const waiters = new Waiters();
      waiters.join(caller.signal);
      return { computed: await this.#run(resolved, runs, rows, waiters), cached: false };
    }
    const key = predictionKey(keyOf(resolved), runs);
    const known = await this.#options.cache.get(key);
    if (known)
      return { computed: { rows: known, queueMs: 0, loadMs: 0, inferenceMs: 0 }, cached: true };
    const flight = this.#flights.get(key) ?? this.#start(key, resolved, runs, rows);
    flight.waiters.join(caller.signal);
    return { computed: await flight.result, cached: false };
  }

  #start(
    key: string,
    resolved: ResolvedVersion,
    runs: readonly NamedTensors[],
    rows: number,
  ): Flight {
    const waiters = new Waiters();
    const result = Promise.resolve()
      .then(() => this.#run(resolved, runs, rows, waiters))
      .then((computed) => {
        this.#options.cache.set(key, computed.rows);
        return computed;
      })
      .finally(() => this.#flights.delete(key));
    const flight = { waiters, result };
    this.#flights.set(key, flight);
    return flight;
  }

  async #run(
    resolved: ResolvedVersion,
    runs: readonly NamedTensors[],
    rows: number,
    waiters: Waiters,
  ): Promise<Computed> {
    const { signature, batching } = resolved.version;
    const { together } = this.#layout(resolved);
    const batched = together && batching !== 'none';
    const ran = await this.#options.runner.run(
      this.#served(resolved),
      runs,
      rows,
      batched,
      waiters,
    );
    const { queueMs, loadMs, inferenceMs } = ran;
    return {
      rows: decodeOutputs(signature, ran.runs, rows, together),
      queueMs,
      loadMs,
      inferenceMs,
    };
  }

  #layout({ version }: ResolvedVersion): RowLayout {
    const known = this.#layouts.get(version.signature);
    if (known) return known;
    const layout = rowLayout(version.signature, version.batching !== 'single');
    this.#layouts.set(version.signature, layout);
    return layout;
  }

  #served({ model, version }: ResolvedVersion): ServedModel {
    const place = { ownerId: model.ownerId, name: model.name, version: version.version };
    return { key: keyOf({ model, version }), path: this.#options.files.servedPath(place) };
  }

  /** A model that was not found, or is another's, has no record to go into. */
  async #record(
    id: string,
    { model, version, rows, sample }: Progress & Partial<ResolvedVersion>,
    { ownerId }: PredictCaller,
    outcome: {
      latency: PredictionLatency;
      cached: boolean;
      decoded?: DecodedRows;
      error?: unknown;
    },
  ): Promise<void> {
    if (!model || !version) return;
    const { latency, cached, decoded, error } = outcome;
    const classifier = version.signature.outputs.some(({ role }) => role !== 'value');
    const record: PredictionRecord = {
      id,
      modelId: model.id,
      version: version.version,
      ownerId,
      at: new Date(),
      ok: decoded !== undefined,
      ...(decoded ? {} : { errorCode: toFoveaError(error).code }),
      rows,
      cached,
      latency,
      inputs: sample?.inputs ?? [],
      features: sample?.features ?? [],
      ...(decoded ? sampleOutputs(decoded, classifier) : { outputs: [] }),
    };
    await this.#options.log.record(record);
  }
}

function keyOf({ model, version }: ResolvedVersion): string {
  return `${model.id}:v${version.version}`;
}

function nameOf({ model, version }: ResolvedVersion): Prediction['model'] {
  return { id: model.id, name: model.name, version: version.version };
}

function answerOf(
  id: string,
  resolved: ResolvedVersion,
  { predictions, probabilities, confidence }: DecodedRows,
  { inferenceMs, totalMs }: PredictionLatency,
  cached: boolean,
): Prediction {
  return {
    prediction_id: id,
    model: nameOf(resolved),
    predictions: predictions as unknown[],
    ...(probabilities ? { probabilities: [...probabilities] } : {}),
    ...(confidence ? { confidence: [...confidence] } : {}),
    inference_time_ms: inferenceMs,
    total_time_ms: totalMs,
    cached,
  };
}

function latencyOf(
  computed: Omit<Computed, 'rows'> | undefined,
  started: number,
): PredictionLatency {
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
