import type { NamedTensors } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import { joinRows, rowKind, takeRows } from './tensor-rows.ts';
import type { Waiters } from './waiters.ts';

/** What came of one request's rows. Times in milliseconds. */
export interface Ran {
  readonly runs: readonly NamedTensors[];
  readonly queueMs: number;
  readonly loadMs: number;
  readonly inferenceMs: number;
}

/** Sends tensors to the model, now. */
export type Run = (runs: readonly NamedTensors[], waiters: Waiters | undefined) => Promise<Ran>;

interface Request {
  readonly inputs: NamedTensors;
  readonly rows: number;
  readonly kind: string;
  readonly waiters: Waiters;
  readonly since: number;
  readonly resolve: (ran: Ran) => void;
  readonly reject: (error: unknown) => void;
}

/** One run computes while the next one travels. */
const runsInFlight = 2;
const rowsPerRun = 256;
const mostWaiting = 2_000;

/**
 * Requests for one version whose rows may share a run. When the model is idle a request leaves with
 * whatever arrived in the same turn of the event loop; while it is busy they gather, so that a batch
 * grows with the load and nobody ever waits for a timer.
 */
export class RowBatcher {
  readonly #run: Run;
  readonly #timeoutMs: number;
  readonly #onBatch: (requests: number) => void;
  #waiting: Request[] = [];
  #inFlight = 0;
  #scheduled = false;

  /** @param onBatch told how many requests each run has */
  constructor(run: Run, timeoutMs: number, onBatch: (requests: number) => void = () => undefined) {
    this.#run = run;
    this.#timeoutMs = timeoutMs;
    this.#onBatch = onBatch;
  }

  get idle(): boolean {
    return this.#inFlight === 0 && this.#waiting.length === 0;
  }

  /** @throws FoveaError QUEUE_FULL, DEADLINE_EXCEEDED, REQUEST_CANCELLED, PREDICT_FAILED, WORKER_LOST. */
  async submit(inputs: NamedTensors, rows: number, waiters: Waiters): Promise<Ran> {
    if (this.#waiting.length >= mostWaiting) throw full();
    const { promise, resolve, reject } = Promise.withResolvers<Ran>();
    const since = performance.now();
    const kind = rowKind(inputs);
    this.#waiting.push({ inputs, rows, kind, waiters, since, resolve, reject });
    this.#schedule();
    return await promise;
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= runsInFlight || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const batch = this.#take();
      if (batch.length > 0) void this.#send(batch);
      this.#schedule();
    });
  }

  /** The oldest requests of one kind, as many as a run takes; who has left or waited too long is answered here. */
  #take(): Request[] {
    const now = performance.now();
    const batch: Request[] = [];
    const rest: Request[] = [];
    let rows = 0;
    for (const request of this.#waiting) {
      const [first] = batch;
      const fits = !first || (request.kind === first.kind && rows + request.rows <= rowsPerRun);
      if (request.waiters.gone) request.reject(left());
      else if (now - request.since > this.#timeoutMs) request.reject(late(this.#timeoutMs));
      else if (fits) rows += batch.push(request) && request.rows;
      else rest.push(request);
    }
    this.#waiting = rest;
    return batch;
  }

  async #send(batch: readonly Request[]): Promise<void> {
    this.#inFlight += 1;
    this.#onBatch(batch.length);
    try {
      const [only] = batch;
      if (only && batch.length === 1) await this.#alone(only);
      else await this.#together(batch);
    } finally {
      this.#inFlight -= 1;
      this.#schedule();
    }
  }

  async #alone({ inputs, waiters, since, resolve, reject }: Request): Promise<void> {
    const waited = performance.now() - since;
    await this.#run([inputs], waiters).then(
      (ran) => resolve({ ...ran, queueMs: ran.queueMs + waited }),
      reject,
    );
  }

  /** A row that the model cannot compute fails the run of all: then each is run for itself. */
  async #together(batch: readonly Request[]): Promise<void> {
    const sent = performance.now();
    const rows = batch.reduce((sum, request) => sum + request.rows, 0);
    const inputs = joinRows(
      batch.map((request) => request.inputs),
      rows,
    );
    try {
      const ran = await this.#run([inputs], undefined);
      const outputs = ran.runs[0] ?? {};
      let start = 0;
      for (const request of batch) {
        const own = takeRows(outputs, rows, start, request.rows);
        if (!own) throw new FoveaError('PREDICT_FAILED', 'The outputs have no row per input row.');
        start += request.rows;
        request.resolve({ ...ran, runs: [own], queueMs: ran.queueMs + sent - request.since });
      }
    } catch (error) {
      if (error instanceof FoveaError && error.code === 'PREDICT_FAILED')
        for (const request of batch) await this.#alone(request);
      else for (const request of batch) request.reject(error);
    }
  }
}

function full(): FoveaError {
  return new FoveaError(
    'QUEUE_FULL',
    `${mostWaiting} requests wait for this model already; try again shortly.`,
    { queue_limit: mostWaiting, retry_after_seconds: 1 },
  );
}

function left(): FoveaError {
  return new FoveaError('REQUEST_CANCELLED', 'The request was cancelled before it was answered.');
}

function late(timeoutMs: number): FoveaError {
  return new FoveaError(
    'DEADLINE_EXCEEDED',
    `The request waited for more than ${timeoutMs} ms; send it again when the server is less busy.`,
    { timeout_ms: timeoutMs, retry_after_seconds: 1 },
  );
}
