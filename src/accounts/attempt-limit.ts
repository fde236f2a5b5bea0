import { LRUCache } from 'lru-cache';
import { FoveaError } from '../errors.ts';

export interface AttemptLimitOptions {
  /** Attempts that one key has in a window. */
  readonly most: number;
  readonly windowMs: number;
  /** Most keys that are remembered; the longest unused are forgotten first. */
  readonly keys: number;
  readonly now?: () => number;
}

interface Window {
  attempts: number;
  readonly endsAt: number;
}

/** Counts attempts by key in windows that begin with the first one. Per process. */
export class AttemptLimit {
  readonly #options: AttemptLimitOptions;
  readonly #windows: LRUCache<string, Window>;
  readonly #now: () => number;

  constructor(options: AttemptLimitOptions) {
    this.#options = options;
    this.#windows = new LRUCache({ max: options.keys });
    this.#now = options.now ?? Date.now;
  }

  /** Counts an attempt before it is made, so that many at once do not all slip through. @throws FoveaError RATE_LIMITED. */
  take(key: string): void {
    const now = this.#now();
    const known = this.#windows.get(key);
    const window = known && known.endsAt > now ? known : this.#fresh(now);
    if (window.attempts >= this.#options.most) throw limited(window.endsAt - now);
    window.attempts += 1;
    this.#windows.set(key, window);
  }

  /** Takes one attempt back: it turned out to be a good one. */
  giveBack(key: string): void {
    const window = this.#windows.get(key);
    if (window && window.attempts > 0) window.attempts -= 1;
  }

  /** Forgets all attempts of a key. */
  clear(key: string): void {
    this.#windows.delete(key);
  }

  #fresh(now: number): Window {
    return { attempts: 0, endsAt: now + this.#options.windowMs };
  }
}

function limited(waitMs: number): FoveaError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new FoveaError('RATE_LIMITED', `Too many attempts; try again in ${seconds} s.`, {
    retry_after_seconds: seconds,
  });
}
