import { FoveaError } from '../errors.ts';

/** Lets `width` pieces of work run at once and `queue` more wait; what comes beyond is refused at once. */
export class WorkGate {
  readonly #width: number;
  readonly #queue: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ width, queue }: { width: number; queue: number }) {
    this.#width = width;
    this.#queue = queue;
  }

  /** @throws FoveaError QUEUE_FULL. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#width) this.#running += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Whoever is next takes over the place, so that nobody slips in between.
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= this.#queue)
      throw new FoveaError(
        'QUEUE_FULL',
        `${this.#queue} password checks wait; try again shortly.`,
        {
          retry_after_seconds: 2,
        },
      );
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }
}
