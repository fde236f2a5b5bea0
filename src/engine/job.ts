import { FoveaError } from '../errors.ts';
import type { JobMessage } from './messages.ts';
import type { TaskName, Tasks } from './tasks.ts';

export interface JobOptions {
  /** The caller's leave: aborting it withdraws the job. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now until the job fails with DEADLINE_EXCEEDED. */
  readonly timeoutMs: number;
  /** Jobs of one key go to the same worker when nothing speaks against it: it may still hold the decoded image. */
  readonly affinity?: string | undefined;
  /** Goes before all that waits, also when the queue is full. One at a time: for what asks whether the workers work. */
  readonly urgent?: boolean;
}

export interface Answer<T extends TaskName> {
  readonly output: Tasks[T]['output'];
  /** Milliseconds the job waited for a worker. */
  readonly queueMs: number;
}

type Output = Tasks[TaskName]['output'];

/**
 * One piece of work, settled exactly once: by its answer, its deadline, its caller's leave or the
 * loss of its worker, whichever comes first. It may still sit in a worker after that.
 */
export class Job {
  readonly message: JobMessage;
  readonly affinity: string | undefined;
  readonly answer: Promise<{ output: Output; queueMs: number }>;
  /** Called when the job is settled before a worker has answered it. */
  onWithdrawn: () => void = () => undefined;
  readonly #created = performance.now();
  readonly #resolve: (answer: { output: Output; queueMs: number }) => void;
  readonly #reject: (error: FoveaError) => void;
  readonly #release: () => void;
  #dispatched: number | undefined;
  #settled = false;

  constructor(message: JobMessage, options: JobOptions) {
    this.message = message;
    this.affinity = options.affinity;
    const { promise, resolve, reject } = Promise.withResolvers<{
      output: Output;
      queueMs: number;
    }>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    const timer = setTimeout(() => this.#withdraw(deadline(options.timeoutMs)), options.timeoutMs);
    const leave = (): void => this.#withdraw(cancelled());
    options.signal?.addEventListener('abort', leave, { once: true });
    this.#release = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', leave);
    };
    if (options.signal?.aborted) leave();
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Milliseconds it waited for a worker; 0 while it does. */
  get queueMs(): number {
    return (this.#dispatched ?? this.#created) - this.#created;
  }

  dispatched(): void {
    this.#dispatched = performance.now();
  }

  succeed(output: Output): void {
    const { queueMs } = this;
    this.#settle(() => this.#resolve({ output, queueMs }));
  }

  fail(error: FoveaError): void {
    this.#settle(() => this.#reject(error));
  }

  #withdraw(error: FoveaError): void {
    this.fail(error);
    this.onWithdrawn();
  }

  #settle(how: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#release();
    how();
  }
}

function deadline(timeoutMs: number): FoveaError {
  return new FoveaError(
    'DEADLINE_EXCEEDED',
    `The work did not finish within ${timeoutMs} ms; send it again when the server is less busy.`,
    {
      timeout_ms: timeoutMs,
      retry_after_seconds: 1,
    },
  );
}

function cancelled(): FoveaError {
  return new FoveaError('REQUEST_CANCELLED', 'The request was cancelled before it was answered.');
}
