import { PerformanceObserver } from 'node:perf_hooks';
import { Counter, Histogram, Registry, type Gauge } from 'prom-client';
import { collectedCounter, collectedGauge } from './collected.ts';
import { observeProcess } from './process-metrics.ts';
import { observeSessions, type SessionSources } from './session-metrics.ts';
import { WorkMetrics } from './work-metrics.ts';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts since the start: attempts to log in, and what requests brought to say who asks. */
interface AccessCounts {
  readonly logins: Readonly<Record<'ok' | 'failed' | 'throttled', number>>;
  readonly checks: Readonly<Record<'token' | 'key', { ok: number; refused: number }>>;
  /** Answered from memory, and asked of the database. */
  readonly lookups: Readonly<Record<'token' | 'key', { hits: number; loads: number }>>;
}

/** What the gauges look at when somebody asks for `/metrics`. */
export interface MetricSources {
  readonly groups: () => ReadonlyMap<
    string,
    {
      queued: number;
      running: number;
      restarts: number;
      answered: number;
      recycled: Readonly<Record<'memory' | 'age' | 'requests', number>>;
      cpuSeconds: number;
      workers: readonly { rss: number; state: string }[];
    }
  >;
  readonly models: () => readonly { name: string; version: string; state: string }[];
  readonly cache: () => { hits: number; misses: number; bytes: number };
  readonly predictionCache: () => Readonly<Record<string, { hits: number; misses: number }>>;
  readonly uploadBytes: () => number;
  readonly databaseUp: () => boolean;
  /** Whether a request sent now would succeed. */
  readonly ready: () => boolean;
  readonly sessions: SessionSources;
  readonly dependencies: () => ReadonlyMap<
    string,
    {
      state: 'closed' | 'half_open' | 'open';
      transitions: Readonly<Record<'closed' | 'half_open' | 'open', number>>;
    }
  >;
  readonly imageSpool: () => { changes: number; bytes: number };
  readonly access: () => AccessCounts;
  readonly predictionLog: () => Readonly<
    Record<'recorded' | 'late' | 'dropped' | 'written' | 'rejected' | 'waitingBytes', number>
  >;
}

/** Every metric of this process, in the Prometheus text format. Names start with `fovea_`; times are seconds, sizes bytes. */
export class Metrics {
  readonly #registry = new Registry();
  readonly work = new WorkMetrics(this.#registry);
  readonly #requests = new Histogram({
    name: 'fovea_http_request_duration_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: seconds,
    registers: [this.#registry],
  });
  /** By method, status and route: finding a series by its labels costs more than counting. */
  readonly #requestSeries = new Map<string, { observe: (seconds: number) => void }>();
  readonly #stages = new Histogram({
    name: 'fovea_analysis_stage_duration_seconds',
    help: 'Time of one stage of one analysis.',
    labelNames: ['stage'],
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #errors = new Counter({
    name: 'fovea_errors_total',
    help: 'Errors answered, by code.',
    labelNames: ['code'],
    registers: [this.#registry],
  });
  readonly #lost = new Counter({
    name: 'fovea_worker_lost_jobs_total',
    help: 'Requests lost with a worker process.',
    labelNames: ['group'],
    registers: [this.#registry],
  });
  readonly #redis = new Histogram({
    name: 'fovea_redis_operation_duration_seconds',
    help: 'Time of one operation of Redis, by what it was for; errors are those of Redis, not of the command.',
    labelNames: ['operation', 'outcome'],
    buckets: seconds,
    registers: [this.#registry],
  });
  readonly #gc = new Histogram({
    name: 'fovea_gc_duration_seconds',
    help: 'Garbage collection pauses of the main process.',
    buckets: seconds,
    registers: [this.#registry],
  });

  constructor(sources: MetricSources) {
    observeProcess(this.#registry);
    this.#observeEngine(sources);
    this.#observeState(sources);
    this.#observePredictionLog(sources);
    this.#observeAccess(sources);
    observeSessions(this.#registry, sources.sessions);
    this.#observeDependencies(sources);
    this.#observeImageSpool(sources);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#gc.observe(entry.duration / 1000);
    }).observe({ entryTypes: ['gc'] });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async render(): Promise<string> {
    return await this.#registry.metrics();
  }

  request(method: string, route: string, status: number, ms: number): void {
    const key = `${method} ${status} ${route}`;
    const series =
      this.#requestSeries.get(key) ?? this.#requests.labels(method, route, String(status));
    this.#requestSeries.set(key, series);
    series.observe(ms / 1000);
  }

  /** @param timings milliseconds by stage. */
  stages(timings: Readonly<Record<string, number>>): void {
    for (const [stage, ms] of Object.entries(timings)) this.#stages.observe({ stage }, ms / 1000);
  }

  error(code: string): void {
    this.#errors.inc({ code });
  }

  lostJobs(group: string, count: number): void {
    this.#lost.inc({ group }, count);
  }

  redisOperation(operation: string, ms: number, ok: boolean): void {
    this.#redis.observe({ operation, outcome: ok ? 'ok' : 'error' }, ms / 1000);
  }

  #gauge(name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void {
    collectedGauge(this.#registry, { name, help, labelNames }, collect);
  }

  #counter(
    name: string,
    help: string,
    labelNames: string[],
    collect: (counter: Counter) => void,
  ): void {
    collectedCounter(this.#registry, { name, help, labelNames }, collect);
  }

  #observeEngine(sources: MetricSources): void {
    this.#gauge(
      'fovea_queue_pending_requests',
      'Requests waiting for a worker.',
      ['group'],
      (gauge) => {
        for (const [group, { queued }] of sources.groups()) gauge.set({ group }, queued);
      },
    );
    this.#gauge('fovea_worker_running_requests', 'Requests in a worker.', ['group'], (gauge) => {
      for (const [group, { running }] of sources.groups()) gauge.set({ group }, running);
    });
    this.#counter(
      'fovea_worker_answers_total',
      'Requests that a worker answered.',
      ['group'],
      (counter) => {
        for (const [group, { answered }] of sources.groups()) counter.inc({ group }, answered);
      },
    );
    this.#counter('fovea_worker_restarts_total', 'Workers replaced.', ['group'], (counter) => {
      for (const [group, { restarts }] of sources.groups()) counter.inc({ group }, restarts);
    });
    this.#counter(
      'fovea_worker_recycled_total',
      'Workers replaced by plan, without a request lost, by the reason.',
      ['group', 'reason'],
      (counter) => {
        for (const [group, { recycled }] of sources.groups())
          for (const [reason, count] of Object.entries(recycled))
            counter.inc({ group, reason }, count);
      },
    );
    this.#counter(
      'fovea_worker_cpu_seconds_total',
      'Processor time of the workers of a group, until their last answers.',
      ['group'],
      (counter) => {
        for (const [group, { cpuSeconds }] of sources.groups()) counter.inc({ group }, cpuSeconds);
      },
    );
    this.#gauge('fovea_workers', 'Worker processes by state.', ['group', 'state'], (gauge) => {
      for (const [group, { workers }] of sources.groups())
        for (const { state } of workers) gauge.inc({ group, state });
    });
    this.#gauge(
      'fovea_worker_resident_memory_bytes',
      'Resident memory of each worker after its last request.',
      ['group', 'worker'],
      (gauge) => {
        for (const [group, { workers }] of sources.groups())
          for (const [index, { rss }] of workers.entries())
            gauge.set({ group, worker: String(index) }, rss);
      },
    );
  }

  #observeDependencies(sources: MetricSources): void {
    this.#gauge(
      'fovea_breaker_state',
      'Whether a dependency is asked: 0 closed (it is), 1 half open (one trial), 2 open (it is lost).',
      ['dependency'],
      (gauge) => {
        for (const [dependency, { state }] of sources.dependencies())
          gauge.set({ dependency }, ['closed', 'half_open', 'open'].indexOf(state));
      },
    );
    this.#counter(
      'fovea_breaker_transitions_total',
      'How often the breaker of a dependency entered a state.',
      ['dependency', 'to'],
      (counter) => {
        for (const [dependency, { transitions }] of sources.dependencies())
          for (const [to, count] of Object.entries(transitions))
            counter.inc({ dependency, to }, count);
      },
    );
  }

  #observeImageSpool(sources: MetricSources): void {
    this.#gauge(
      'fovea_image_spool_bytes',
      'Images on the local disk that the image store does not have yet.',
      [],
      (gauge) => gauge.set(sources.imageSpool().bytes),
    );
    this.#gauge(
      'fovea_image_spool_changes',
      'Images and deletions that the image store has yet to be told.',
      [],
      (gauge) => gauge.set(sources.imageSpool().changes),
    );
  }

  #observePredictionLog(sources: MetricSources): void {
    this.#counter(
      'fovea_prediction_log_records_total',
      'Predictions: recorded on disk before the answer, late (answered without waiting), dropped (journal full) or rejected (by the database); written to the database.',
      ['outcome'],
      (counter) => {
        const { waitingBytes: _waiting, ...outcomes } = sources.predictionLog();
        for (const [outcome, count] of Object.entries(outcomes)) counter.inc({ outcome }, count);
      },
    );
    this.#gauge(
      'fovea_prediction_log_waiting_bytes',
      'Predictions on disk that the database does not have yet.',
      [],
      (gauge) => gauge.set(sources.predictionLog().waitingBytes),
    );
  }

  #observeAccess(sources: MetricSources): void {
    this.#counter('fovea_logins_total', 'Attempts to log in.', ['outcome'], (counter) => {
      for (const [outcome, count] of Object.entries(sources.access().logins))
        counter.inc({ outcome }, count);
    });
    this.#counter(
      'fovea_credential_checks_total',
      'Access tokens and API keys that requests brought.',
      ['kind', 'outcome'],
      (counter) => {
        for (const [kind, { ok, refused }] of Object.entries(sources.access().checks)) {
          counter.inc({ kind, outcome: 'ok' }, ok);
          counter.inc({ kind, outcome: 'refused' }, refused);
        }
      },
    );
    this.#counter(
      'fovea_credential_lookups_total',
      'Logins and API keys found in memory (hit) or asked of the database (load).',
      ['kind', 'outcome'],
      (counter) => {
        for (const [kind, { hits, loads }] of Object.entries(sources.access().lookups)) {
          counter.inc({ kind, outcome: 'hit' }, hits);
          counter.inc({ kind, outcome: 'load' }, loads);
        }
      },
    );
  }

  #observeState(sources: MetricSources): void {
    this.#gauge(
      'fovea_model_ready',
      '1 when a request for the model sent now is served.',
      ['model', 'version'],
      (gauge) => {
        for (const { name, version, state } of sources.models())
          gauge.set({ model: name, version }, state === 'ready' ? 1 : 0);
      },
    );
    this.#counter(
      'fovea_result_cache_lookups_total',
      'Lookups in the result cache.',
      ['outcome'],
      (counter) => {
        const { hits, misses } = sources.cache();
        counter.inc({ outcome: 'hit' }, hits);
        counter.inc({ outcome: 'miss' }, misses);
      },
    );
    this.#counter(
      'fovea_prediction_cache_lookups_total',
      'Lookups of results of predictions, in memory and, where that has none, in Redis.',
      ['cache', 'outcome'],
      (counter) => {
        for (const [cache, { hits, misses }] of Object.entries(sources.predictionCache())) {
          counter.inc({ cache, outcome: 'hit' }, hits);
          counter.inc({ cache, outcome: 'miss' }, misses);
        }
      },
    );
    this.#gauge('fovea_result_cache_bytes', 'Bytes in the result cache.', [], (gauge) =>
      gauge.set(sources.cache().bytes),
    );
    this.#gauge('fovea_upload_memory_bytes', 'Memory held by request bodies.', [], (gauge) =>
      gauge.set(sources.uploadBytes()),
    );
    this.#gauge('fovea_ready', '1 when /health/ready answers 200.', [], (gauge) =>
      gauge.set(sources.ready() ? 1 : 0),
    );
    this.#gauge('fovea_database_up', '1 when the database answers.', [], (gauge) =>
      gauge.set(sources.databaseUp() ? 1 : 0),
    );
  }
}
