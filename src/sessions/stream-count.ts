import { FoveaError } from '../errors.ts';

/** How many streams are open, and what became of their frames. */
export class StreamCount {
  readonly #limit: number;
  readonly #frames = { answered: 0, dropped: 0, failed: 0 };
  #open = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get open(): number {
    return this.#open;
  }

  get frames(): Readonly<Record<'answered' | 'dropped' | 'failed', number>> {
    return this.#frames;
  }

  frame(outcome: 'answered' | 'dropped' | 'failed'): void {
    this.#frames[outcome] += 1;
  }

  /** Room for one more; returns the way to give it back. @throws FoveaError QUEUE_FULL. */
  enter(): () => void {
    if (this.#open >= this.#limit)
      throw new FoveaError(
        'QUEUE_FULL',
        `There are ${this.#open} streams of at most ${this.#limit}.`,
        {
          retry_after_seconds: 5,
        },
      );
    this.#open += 1;
    let inside = true;
    return () => {
      if (inside) this.#open -= 1;
      inside = false;
    };
  }
}
