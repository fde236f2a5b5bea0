/** A value of an input or a prediction as JSON carries it; int64 beyond 2^53 is decimal text. */
export type JsonScalar = string | number | boolean | null;

/** Milliseconds. A stage that did not happen (a cached answer, a model that was loaded already) is 0. */
export interface PredictionLatency {
  /** Waiting for a worker, in the batch and in the queue. */
  readonly queueMs: number;
  /** Loading the model, when this request was the first to need it. */
  readonly loadMs: number;
  readonly inferenceMs: number;
  readonly totalMs: number;
}

/**
 * What is kept of one prediction request, successful or not. It survives JSON, but for `at`, which
 * becomes text. `inputs`, `outputs` and `confidence` describe the same first rows of the request.
 */
export interface PredictionRecord {
  /** UUID version 7: sorts by time. */
  readonly id: string;
  readonly modelId: string;
  /** Null when the request failed before it was known which version it means. */
  readonly version: number | null;
  /** The model's owner; null under open access. */
  readonly ownerId: string | null;
  readonly at: Date;
  readonly ok: boolean;
  /** A code of `errors.ts`, when not `ok`. */
  readonly errorCode?: string;
  /** Rows of the request, all of them. */
  readonly rows: number;
  readonly cached: boolean;
  readonly latency: PredictionLatency;
  /** At most `sampledRows` rows of at most `sampledValues` values, in the order of `features`; empty when the input was not understood. */
  readonly inputs: readonly (readonly JsonScalar[])[];
  /** Names of the columns of `inputs`. */
  readonly features: readonly string[];
  /** Predictions of the sampled rows, as the answer has them; left out where one is too long. */
  readonly outputs: readonly unknown[];
  /** Greatest probability of each sampled row, for models that give probabilities. */
  readonly confidence?: readonly number[];
  /** How many of all rows were given each class, for classifiers. */
  readonly predictedClasses?: Readonly<Record<string, number>>;
}

/** Bounds of what a record holds of one request. */
export const sampledRows = 16;
export const sampledValues = 64;

/** Where predictions are recorded. */
export interface PredictionLog {
  /**
   * Takes note of one prediction. The answer waits for it, so it does no more than make the record
   * durable; a log that cannot keep up drops or journals, it never rejects.
   */
  record(entry: PredictionRecord): Promise<void> | void;
}

/** The newest records, in memory: what there is while nothing durable is configured. */
export class RecentPredictions implements PredictionLog {
  readonly #limit: number;
  readonly #entries: PredictionRecord[] = [];

  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /** Oldest first. */
  get entries(): readonly PredictionRecord[] {
    return this.#entries;
  }

  record(entry: PredictionRecord): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit) this.#entries.shift();
  }
}
