import type { NamedTensors } from '../engine/tabular-tasks.ts';
import type { ResolvedVersion } from '../models/model-directory.ts';
import { decodeOutputs, type DecodedRows } from './decode-outputs.ts';
import { decodeTargets, hasTargets } from './decode-targets.ts';
import type { ModelRunner } from './model-runner.ts';
import { predictionKey, type PredictionCache } from './prediction-cache.ts';
import type { ServedVersions } from './served-versions.ts';
import { Waiters } from './waiters.ts';

/** What the rows came to, and where the time went in milliseconds; all 0 when it was cached. */
export interface Computed {
  readonly rows: DecodedRows;
  readonly queueMs: number;
  readonly loadMs: number;
  readonly inferenceMs: number;
  readonly cached: boolean;
}

/** The tensors of one request. */
export interface Work {
  readonly version: ResolvedVersion;
  readonly runs: readonly NamedTensors[];
  readonly rows: number;
}

interface Flight {
  readonly waiters: Waiters;
  readonly result: Promise<Computed>;
}

/** Runs models; the same input of a version is computed once, and then known. */
export class Computations {
  readonly #runner: ModelRunner;
  readonly #cache: PredictionCache;
  readonly #served: ServedVersions;
  readonly #flights = new Map<string, Flight>();

  constructor(runner: ModelRunner, cache: PredictionCache, served: ServedVersions) {
    this.#runner = runner;
    this.#cache = cache;
    this.#served = served;
  }

  /** Computes anew, and keeps nothing. */
  async fresh(work: Work, signal: AbortSignal | undefined): Promise<Computed> {
    const waiters = new Waiters();
    waiters.join(signal);
    return await this.#run(work, waiters);
  }

  /** From the cache, or computed together with whoever asks for the same now. */
  async known(work: Work, signal: AbortSignal | undefined): Promise<Computed> {
    const key = predictionKey(this.#served.model(work.version).key, work.runs);
    const rows = await this.#cache.get(key);
    if (rows) return { rows, queueMs: 0, loadMs: 0, inferenceMs: 0, cached: true };
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.waiters.join(signal);
    return await flight.result;
  }

  #start(key: string, work: Work): Flight {
    const waiters = new Waiters();
    // Begins a turn later, when the first caller has joined.
    const result = Promise.resolve()
      .then(() => this.#run(work, waiters))
      .then((computed) => {
        this.#cache.set(key, computed.rows);
        return computed;
      })
      .finally(() => this.#flights.delete(key));
    const flight = { waiters, result };
    this.#flights.set(key, flight);
    return flight;
  }

  async #run({ version, runs, rows }: Work, waiters: Waiters): Promise<Computed> {
    const { signature, batching } = version.version;
    const { together } = this.#served.layout(version);
    const ran = await this.#runner.run(
      this.#served.model(version),
      runs,
      rows,
      together && batching !== 'none',
      waiters,
    );
    const decode = hasTargets(signature) ? decodeTargets : decodeOutputs;
    const decoded = decode(signature, ran.runs, rows, together);
    return { ...ran, rows: decoded, cached: false };
  }
}
