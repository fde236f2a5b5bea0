import { FoveaError } from '../errors.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
  over: boolean;
}

/** Single-flight: callers of one key share one run, which is aborted only when the last of them has left. */
export class SharedWork<T> {
  readonly #flights = new Map<string, Flight<T>>();

  async join(
    key: string,
    signal: AbortSignal | undefined,
    work: (all: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.waiting += 1;
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = (): void =>
      reject(
        new FoveaError('REQUEST_CANCELLED', 'The request was cancelled before it was answered.'),
      );
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted) leave();
    try {
      return await Promise.race([flight.result, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      flight.waiting -= 1;
      if (flight.waiting === 0 && !flight.over) this.#abandon(key, flight);
    }
  }

  #start(key: string, work: (all: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    const result = work(abort.signal).finally(() => {
      flight.over = true;
      this.#forget(key, flight);
    });
    const flight: Flight<T> = { result, abort, waiting: 0, over: false };
    result.catch(() => undefined); // everybody may have left by the time it fails
    this.#flights.set(key, flight);
    return flight;
  }

  /** A run that nobody waits for must not be joined: it is about to fail as cancelled. */
  #abandon(key: string, flight: Flight<T>): void {
    this.#forget(key, flight);
    flight.abort.abort();
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
