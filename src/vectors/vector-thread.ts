import { Worker } from 'node:worker_threads';
import { FoveaError } from '../errors.ts';
import type { VectorReply, VectorWork } from './vector-messages.ts';

const entry = new URL('./search-thread.ts', import.meta.url);

/** The thread that compares vectors, started when it is first needed. When it dies, its memory is lost. */
export class VectorThread {
  readonly #onLost: () => void;
  readonly #mostWaiting: number;
  readonly #waiting = new Map<number, PromiseWithResolvers<VectorReply>>();
  #worker: Worker | undefined;
  #last = 0;

  constructor(onLost: () => void, mostWaiting: number) {
    this.#onLost = onLost;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws FoveaError QUEUE_FULL when too much waits already, WORKER_LOST when the thread dies. */
  async ask(work: VectorWork, transfer: ArrayBuffer[] = []): Promise<VectorReply> {
    if (this.#waiting.size >= this.#mostWaiting)
      throw new FoveaError('QUEUE_FULL', 'Too many searches are waiting; try again shortly.', {
        waiting: this.#waiting.size,
        retry_after_seconds: 1,
      });
    const worker = (this.#worker ??= this.#start());
    const request = ++this.#last;
    const answer = Promise.withResolvers<VectorReply>();
    this.#waiting.set(request, answer);
    worker.postMessage({ ...work, request }, transfer);
    return await answer.promise;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(entry, { stdin: false });
    worker.unref();
    worker.on('message', (reply: VectorReply) => {
      const answer = this.#waiting.get(reply.request);
      this.#waiting.delete(reply.request);
      if (reply.error === undefined) answer?.resolve(reply);
      else answer?.reject(new Error(reply.error));
    });
    worker.on('error', () => undefined); // followed by `exit`
    worker.on('exit', () => this.#lost(worker));
    return worker;
  }

  #lost(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values())
      reject(new FoveaError('WORKER_LOST', 'The search was lost; send the request again.'));
    this.#waiting.clear();
    this.#onLost();
  }
}
