import { toFoveaError, type FoveaError } from '../errors.ts';
import type { Job } from './job.ts';
import type { AnswerMessage, Failure, FromWorker, ModelSpec } from './messages.ts';
import { WorkerProcess, type WorkerOptions } from './worker-process.ts';

/** How one model stands in one worker. */
export interface LoadedModel {
  readonly loadMs: number;
  readonly failure?: Failure;
}

export interface SlotEvents {
  /** The slot may have room, or a model's state changed. */
  readonly onChange: () => void;
  readonly onAnswer: (slot: Slot, answer: AnswerMessage) => void;
  readonly onExit: (slot: Slot, reason: string) => void;
}

/**
 * A worker process with what it has loaded and what it is working on.
 *
 *   starting --online, every model answered--> open --retire()--> retiring --last job done--> gone
 *       \________________________ the process dies at any time ______________________________/
 */
export class Slot {
  readonly jobs = new Map<number, Job>();
  readonly models = new Map<string, LoadedModel>();
  /** Bytes, after its last answer. */
  rss = 0;
  /** Seconds of processor time until its last answer. */
  cpuSeconds = 0;
  /** Answers given; tells a worker that dies at once from one that served for a while. */
  answered = 0;
  readonly #process: WorkerProcess;
  readonly #events: SlotEvents;
  readonly #stuckTimers = new Map<number, NodeJS.Timeout>();
  readonly #since = performance.now();
  #awaited: Set<string>;
  #state: 'starting' | 'open' | 'retiring' | 'gone' = 'starting';
  #reason: string | undefined;

  constructor(options: WorkerOptions, specs: Iterable<ModelSpec>, events: SlotEvents) {
    this.#events = events;
    const initial = [...specs];
    this.#awaited = new Set(initial.map((spec) => spec.manifest.name));
    this.#process = new WorkerProcess(options, {
      onMessage: (message) => this.#receive(message),
      onExit: (reason) => this.#exit(reason),
    });
    for (const model of initial) this.#process.send({ type: 'load', model });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get stderr(): string {
    return this.#process.stderr;
  }

  get state(): 'starting' | 'open' | 'retiring' | 'gone' {
    return this.#state;
  }

  get ageMs(): number {
    return performance.now() - this.#since;
  }

  load(model: ModelSpec): void {
    // How it stood before says nothing of the files that it has now.
    this.models.delete(model.manifest.name);
    if (this.#state === 'starting') this.#awaited.add(model.manifest.name);
    this.#process.send({ type: 'load', model });
  }

  /** Hands the job over; the process is killed if it holds the job for longer than `limitMs`. */
  take(job: Job, limitMs: number): void {
    const { id } = job.message;
    this.jobs.set(id, job);
    job.dispatched();
    job.onWithdrawn = () => this.#process.send({ type: 'cancel', id });
    this.#stuckTimers.set(
      id,
      setTimeout(() => this.kill(`stuck for ${limitMs} ms`), limitMs),
    );
    try {
      this.#process.send(job.message);
    } catch (error) {
      // It cannot be written down, and so it was never sent: that is nobody's matter but its caller's.
      this.#forget(id);
      job.fail(toFoveaError(error));
    }
  }

  #forget(id: number): void {
    clearTimeout(this.#stuckTimers.get(id));
    this.#stuckTimers.delete(id);
    this.jobs.delete(id);
  }

  /** Takes no more jobs and ends when the last one is done. */
  retire(): void {
    if (this.#state === 'gone') return;
    this.#state = 'retiring';
    if (this.jobs.size === 0) this.kill('retired');
  }

  kill(reason: string): void {
    this.#reason ??= reason;
    this.#process.kill();
  }

  failAll(error: FoveaError): void {
    for (const job of this.jobs.values()) job.fail(error);
  }

  #receive(message: FromWorker): void {
    if (message.type === 'model') {
      const { name, loadMs, failure } = message;
      this.models.set(name, failure ? { loadMs, failure } : { loadMs });
      this.#awaited.delete(name);
      this.#openWhenLoaded();
    } else if (message.type === 'online') {
      this.#openWhenLoaded();
    } else {
      this.#answer(message);
    }
    this.#events.onChange();
  }

  #openWhenLoaded(): void {
    if (this.#state === 'starting' && this.#awaited.size === 0) this.#state = 'open';
  }

  #answer(message: AnswerMessage): void {
    this.rss = message.rss;
    this.cpuSeconds = message.cpuSeconds;
    this.answered += 1;
    this.#events.onAnswer(this, message);
    this.#forget(message.id);
    if (this.#state === 'retiring' && this.jobs.size === 0) this.kill('retired');
  }

  #exit(reason: string): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    for (const timer of this.#stuckTimers.values()) clearTimeout(timer);
    this.#events.onExit(this, this.#reason ?? reason);
  }
}
