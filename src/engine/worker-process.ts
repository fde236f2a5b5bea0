import { fork, type ChildProcess } from 'node:child_process';
import type { FromWorker, ToWorker } from './messages.ts';

export interface WorkerOptions {
  /** The worker's program. */
  readonly entry: URL;
  /** The child's whole environment; secrets stay out of it. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface WorkerEvents {
  readonly onMessage: (message: FromWorker) => void;
  /** The process is gone, for whatever reason; nothing comes after this. */
  readonly onExit: (reason: string) => void;
}

const stderrTail = 2_000;

/** One child process. It keeps no job state: that is the group's. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #stderr = '';

  constructor(options: WorkerOptions, events: WorkerEvents) {
    this.#child = fork(options.entry, {
      serialization: 'advanced',
      env: { ...options.environment },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-stderrTail);
    });
    this.#child.on('message', (message) => events.onMessage(message as FromWorker));
    // A failed spawn emits 'error' and no 'exit'; a failed send emits 'error' and 'exit' follows.
    this.#child.on('error', (error) => {
      if (this.#child.pid === undefined) events.onExit(error.message);
    });
    this.#child.on('exit', (code, signal) => {
      events.onExit(signal ? `killed by ${signal}` : `exited with code ${code}`);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last of what the process wrote to stderr, for the log. */
  get stderr(): string {
    return this.#stderr.trim();
  }

  /** Best effort: a process that is gone answers with its exit, not here. */
  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** SIGKILL is the only thing that stops a native call. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
