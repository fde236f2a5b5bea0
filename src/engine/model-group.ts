import type { BreakerState, DependencyState } from '../dependencies/dependency.ts';
import { FoveaError } from '../errors.ts';
import { CrashLoop } from './crash-loop.ts';
import { Job, type Answer, type JobOptions } from './job.ts';
import type { AnswerMessage, JobMessage, ModelSpec } from './messages.ts';
import { BoundedQueue } from './queue.ts';
import { Recycling, type RecycleReason, type RecycleRules } from './recycling.ts';
import { Slot } from './slot.ts';
import type { TaskName, Tasks } from './tasks.ts';
import type { WorkerOptions } from './worker-process.ts';

export interface GroupOptions extends RecycleRules {
  readonly name: string;
  readonly worker: WorkerOptions;
  readonly workers: number;
  readonly queueLimit: number;
  /** Longest time a worker may hold one job before it counts as stuck and is killed. */
  readonly stuckAfterMs: number;
  /** Most jobs in all workers together; no limit but that of each worker unless told otherwise. */
  readonly concurrency?: number;
  /** Jobs that a worker holds at a time; two unless told otherwise. */
  readonly jobsPerWorker?: number;
  /** Workers that may die in a row before work is refused; three unless told otherwise. */
  readonly crashLimit?: number;
  readonly onEvent: (event: GroupEvent) => void;
  /** Each job that gets to a worker, with the milliseconds that it waited. */
  readonly onDispatch?: (group: string, waitedMs: number) => void;
}

export type GroupEvent =
  | {
      readonly type: 'exit';
      readonly group: string;
      readonly pid: number | undefined;
      readonly reason: string;
      readonly lost: number;
      readonly stderr: string;
    }
  /** Workers that die again and again are left alone, or are tried again. */
  | {
      readonly type: 'breaker';
      readonly group: string;
      readonly state: BreakerState;
      readonly reason?: string | undefined;
    }
  | { readonly type: 'change'; readonly group: string };

export type EngineModelState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly loadMs: number }
  | { readonly state: 'failed'; readonly reason: string };

export interface GroupStats {
  readonly queued: number;
  /** Most that may wait. */
  readonly queueLimit: number;
  readonly running: number;
  readonly restarts: number;
  /** Jobs that a worker answered. */
  readonly answered: number;
  /** Workers replaced by plan, by the reason. */
  readonly recycled: Readonly<Record<RecycleReason, number>>;
  /** Processor time of all workers so far, those that have gone included. */
  readonly cpuSeconds: number;
  readonly workers: readonly {
    readonly pid: number | undefined;
    readonly state: Slot['state'];
    readonly rss: number;
    readonly running: number;
  }[];
}

/** One job runs while the next one is decoded: the native run blocks the worker's thread, the image codec does not. */
const defaultJobsPerWorker = 2;

/**
 * The models that one pipeline needs together, in a fixed number of worker processes behind one
 * bounded queue. A worker that dies costs the jobs it held and is replaced; a job is never run twice.
 */
export class ModelGroup {
  readonly #options: GroupOptions;
  readonly #specs = new Map<string, ModelSpec>();
  readonly #slots = new Set<Slot>();
  readonly #queue: BoundedQueue<Job>;
  #nextId = 1;
  readonly #recycling: Recycling;
  readonly #concurrency: number;
  #restarts = 0;
  #cpuSecondsOfGone = 0;
  #answeredCount = 0;
  readonly #crashes: CrashLoop;
  #closed = false;
  #respawnTimers = new Set<NodeJS.Timeout>();

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#queue = new BoundedQueue(options.queueLimit);
    this.#crashes = new CrashLoop((state) => this.#turned(state), options.crashLimit);
    this.#recycling = new Recycling(options);
    this.#concurrency = options.concurrency ?? Number.POSITIVE_INFINITY;
    // A process that the cap never lets work would only take memory.
    for (let i = 0; i < Math.min(options.workers, this.#concurrency); i += 1) this.#spawn();
  }

  /** Loads a model into every worker, now and after each restart. */
  add(spec: ModelSpec): void {
    this.#specs.set(spec.manifest.name, spec);
    for (const slot of this.#slots) slot.load(spec);
  }

  /** @throws FoveaError MODEL_UNAVAILABLE while the workers die again and again, QUEUE_FULL, DEADLINE_EXCEEDED, REQUEST_CANCELLED, WORKER_LOST, SHUTTING_DOWN, or what the task throws. */
  async submit<T extends TaskName>(
    task: T,
    input: Tasks[T]['input'],
    options: JobOptions,
  ): Promise<Answer<T>> {
    if (this.#closed) throw shuttingDown();
    if (this.#crashes.state === 'open') throw this.#crashing();
    const message = { type: 'job', id: this.#nextId, task, input } as JobMessage;
    this.#nextId += 1;
    const job = new Job(message, options);
    if (!job.settled) {
      job.onWithdrawn = () => this.#queue.remove(job);
      const admitted = options.urgent ? this.#queue.pushFirst(job) : this.#queue.push(job);
      if (!admitted) job.fail(this.#full());
      this.#dispatch();
    }
    return await job.answer;
  }

  /** What `submit` would refuse work with now for want of a place; undefined when there is one. */
  get refusal(): FoveaError | undefined {
    return this.#queue.full ? this.#full() : undefined;
  }

  /** The same job for every worker that is up, past the queue: for what each of them has to know. */
  async submitToAll<T extends TaskName>(
    task: T,
    input: Tasks[T]['input'],
    options: JobOptions,
  ): Promise<readonly Answer<T>[]> {
    if (this.#closed) throw shuttingDown();
    const open = [...this.#slots].filter(({ state }) => state === 'open');
    return await Promise.all(
      open.map(async (slot) => {
        const message = { type: 'job', id: this.#nextId, task, input } as JobMessage;
        this.#nextId += 1;
        const job = new Job(message, options);
        if (!job.settled) slot.take(job, this.#options.stuckAfterMs);
        return await job.answer;
      }),
    );
  }

  /** How a model stands: ready as soon as one worker can serve it. */
  modelState(name: string): EngineModelState {
    const loaded = [...this.#slots].flatMap((slot) => slot.models.get(name) ?? []);
    const ready = loaded.find((model) => !model.failure);
    if (ready) return { state: 'ready', loadMs: ready.loadMs };
    const failed = loaded[0]?.failure;
    if (failed) return { state: 'failed', reason: failed.message };
    if (this.#crashes.deaths >= 3)
      return {
        state: 'failed',
        reason: `its worker died ${this.#crashes.deaths} times in a row; it is tried again`,
      };
    return { state: 'loading' };
  }

  /** Whether its workers are given work. */
  get breaker(): DependencyState {
    return this.#crashes.snapshot;
  }

  stats(): GroupStats {
    const workers = [...this.#slots].map((slot) => ({
      pid: slot.pid,
      state: slot.state,
      rss: slot.rss,
      running: slot.jobs.size,
    }));
    const running = workers.reduce((sum, worker) => sum + worker.running, 0);
    return {
      queued: this.#queue.size,
      queueLimit: this.#queue.limit,
      running,
      restarts: this.#restarts,
      answered: this.#answeredCount,
      recycled: this.#recycling.counts,
      cpuSeconds: [...this.#slots].reduce(
        (sum, slot) => sum + slot.cpuSeconds,
        this.#cpuSecondsOfGone,
      ),
      workers,
    };
  }

  /** Answers what waits with SHUTTING_DOWN and ends the workers; callers drain first. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#respawnTimers) clearTimeout(timer);
    for (const job of this.#queue.clear()) job.fail(shuttingDown());
    for (const slot of this.#slots) slot.kill('closed');
  }

  #spawn(): Slot {
    const slot: Slot = new Slot(this.#options.worker, this.#specs.values(), {
      onChange: () => {
        this.#recycling.changed(slot);
        this.#changed();
      },
      onAnswer: (from, answer) => this.#answered(from, answer),
      onExit: (from, reason) => this.#exited(from, reason),
    });
    this.#slots.add(slot);
    return slot;
  }

  /** What waits would wait for nothing while they die again and again. */
  #turned(state: BreakerState): void {
    if (this.#closed) return;
    if (state === 'open') for (const job of this.#queue.clear()) job.fail(this.#crashing());
    const { reason } = this.#crashes.snapshot;
    this.#options.onEvent({ type: 'breaker', group: this.#options.name, state, reason });
  }

  #changed(): void {
    if ([...this.#slots].some(({ state }) => state === 'open')) this.#crashes.up();
    this.#options.onEvent({ type: 'change', group: this.#options.name });
    this.#dispatch();
  }

  #dispatch(): void {
    const most = this.#crashes.state === 'half_open' ? 1 : this.#concurrency;
    while (this.#queue.size > 0 && this.#running < most) {
      const slot = this.#leastBusy();
      if (!slot) return;
      const job = this.#queue.shift();
      if (!job) return;
      (this.#preferred(job, slot) ?? slot).take(job, this.#options.stuckAfterMs);
      this.#options.onDispatch?.(this.#options.name, job.queueMs);
    }
  }

  get #running(): number {
    let running = 0;
    for (const { jobs } of this.#slots) running += jobs.size;
    return running;
  }

  #leastBusy(): Slot | undefined {
    const limit = this.#options.jobsPerWorker ?? defaultJobsPerWorker;
    const open = [...this.#slots].filter((slot) => slot.state === 'open' && slot.jobs.size < limit);
    return open.sort((a, b) => a.jobs.size - b.jobs.size)[0];
  }

  /** The worker that had the same image before, unless another one is less busy. */
  #preferred(job: Job, leastBusy: Slot): Slot | undefined {
    if (job.affinity === undefined) return undefined;
    const open = [...this.#slots].filter((slot) => slot.state === 'open');
    const slot = open[Number.parseInt(job.affinity.slice(0, 8), 16) % open.length];
    return slot && slot.jobs.size <= leastBusy.jobs.size ? slot : undefined;
  }

  #answered(slot: Slot, answer: AnswerMessage): void {
    this.#crashes.answered();
    this.#answeredCount += 1;
    const job = slot.jobs.get(answer.id);
    if (answer.type === 'result') job?.succeed(answer.output);
    else
      job?.fail(
        new FoveaError(
          answer.failure.code,
          answer.failure.message,
          answer.failure.details,
          answer.failure.cause,
        ),
      );
    this.#recycleWhenDue(slot);
  }

  /** The old worker goes on until its successor is ready, so that no request waits for the change. */
  #recycleWhenDue(slot: Slot): void {
    const reason = this.#recycling.due(slot);
    if (reason === undefined) return;
    this.#restarts += 1;
    this.#recycling.begin(slot, this.#spawn(), reason);
    if (this.#recycling.isUrgent(slot)) slot.retire();
  }

  #exited(slot: Slot, reason: string): void {
    const retired = reason === 'retired';
    this.#slots.delete(slot);
    this.#cpuSecondsOfGone += slot.cpuSeconds;
    slot.failAll(lost());
    const replaced = this.#recycling.ended(slot) || retired;
    if (this.#closed) return;
    this.#options.onEvent({
      type: 'exit',
      group: this.#options.name,
      pid: slot.pid,
      reason,
      lost: slot.jobs.size,
      stderr: slot.stderr,
    });
    if (!replaced) this.#respawn(slot.answered > 0);
    this.#changed();
  }

  #respawn(hadServed: boolean): void {
    this.#restarts += 1;
    const othersUp = [...this.#slots].some(({ state }) => state === 'open');
    const delay = this.#crashes.died(hadServed, othersUp);
    const timer = setTimeout(() => {
      this.#respawnTimers.delete(timer);
      this.#spawn();
    }, delay);
    this.#respawnTimers.add(timer);
  }

  #crashing(): FoveaError {
    const { deaths, retryAfterSeconds: seconds } = this.#crashes;
    return new FoveaError(
      'MODEL_UNAVAILABLE',
      `The workers for this died ${deaths} times in a row; the next one starts within ${seconds} s.`,
      { group: this.#options.name, retry_after_seconds: seconds },
    );
  }

  #full(): FoveaError {
    return new FoveaError(
      'QUEUE_FULL',
      `${this.#queue.limit} requests are waiting already; try again shortly.`,
      { queue_limit: this.#queue.limit, retry_after_seconds: 1 },
    );
  }
}

function lost(): FoveaError {
  return new FoveaError(
    'WORKER_LOST',
    'The worker process that held this request died; send the request again.',
    { retry_after_seconds: 1 },
  );
}

function shuttingDown(): FoveaError {
  return new FoveaError(
    'SHUTTING_DOWN',
    'The server is about to stop; send the request to another one.',
    { retry_after_seconds: 5 },
  );
}
