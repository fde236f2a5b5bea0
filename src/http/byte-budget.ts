import { FoveaError } from '../errors.ts';

/** Memory that request bodies may hold together. What does not fit is refused at once, not queued. */
export class ByteBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Returns the way to give the bytes back, to be called once. @throws FoveaError QUEUE_FULL. */
  take(bytes: number): () => void {
    if (this.#used > 0 && this.#used + bytes > this.#limit) {
      throw new FoveaError('QUEUE_FULL', 'Too many uploads are under way; try again shortly.', {
        upload_memory: this.#limit,
        retry_after_seconds: 1,
      });
    }
    this.#used += bytes;
    let open = true;
    return () => {
      if (open) this.#used -= bytes;
      open = false;
    };
  }
}
