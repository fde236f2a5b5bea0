import { Counter, Histogram, type Registry } from 'prom-client';

const seconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Durations by labels. Series are kept at hand: finding one by its labels costs more than counting. */
class Durations {
  readonly #histogram: Histogram;
  readonly #series = new Map<string, { observe: (seconds: number) => void }>();

  constructor(registry: Registry, name: string, help: string, labelNames: string[]) {
    this.#histogram = new Histogram({
      name,
      help,
      labelNames,
      buckets: seconds,
      registers: [registry],
    });
  }

  /** @param labels values from small fixed sets only, in the order of the names. */
  observe(ms: number, ...labels: string[]): void {
    const key = labels.join(' ');
    const series = this.#series.get(key) ?? this.#histogram.labels(...labels);
    this.#series.set(key, series);
    series.observe(ms / 1000);
  }
}

/** What is counted while work is done, as opposed to what is looked at when somebody asks. */
export class WorkMetrics {
  readonly #waits: Durations;
  readonly #sessions: Durations;
  readonly #blobs: Durations;
  readonly #batches: Histogram;
  readonly #limited: Counter;

  constructor(registry: Registry) {
    this.#waits = new Durations(
      registry,
      'fovea_queue_wait_seconds',
      'Time that requests waited for a worker.',
      ['group'],
    );
    this.#sessions = new Durations(
      registry,
      'fovea_session_operation_duration_seconds',
      'Time of one operation of the session store.',
      ['operation', 'outcome'],
    );
    this.#blobs = new Durations(
      registry,
      'fovea_blob_operation_duration_seconds',
      'Time of one operation of the image store, with what the local disk does for it.',
      ['operation', 'outcome'],
    );
    this.#batches = new Histogram({
      name: 'fovea_batch_requests',
      help: 'Predictions that shared one run of their model.',
      buckets: sizes,
      registers: [registry],
    });
    this.#limited = new Counter({
      name: 'fovea_rate_limited_total',
      help: 'Requests and frames refused because a rate limit was reached.',
      labelNames: ['policy'],
      registers: [registry],
    });
    // A series that begins with its first refusal has no rate that an alert could see.
    for (const policy of ['caller', 'session']) this.#limited.inc({ policy }, 0);
  }

  queueWait(group: string, ms: number): void {
    this.#waits.observe(ms, group);
  }

  sessionOperation(operation: string, ms: number, ok: boolean): void {
    this.#sessions.observe(ms, operation, ok ? 'ok' : 'error');
  }

  blobOperation(operation: string, ms: number, ok: boolean): void {
    this.#blobs.observe(ms, operation, ok ? 'ok' : 'error');
  }

  batch(requests: number): void {
    this.#batches.observe(requests);
  }

  rateLimited(policy: 'caller' | 'session'): void {
    this.#limited.inc({ policy });
  }
}
