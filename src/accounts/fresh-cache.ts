import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { FoveaError } from '../errors.ts';

export interface FreshCacheOptions<T> {
  readonly load: (key: string) => Promise<T | undefined>;
  /** Most values that are remembered. */
  readonly most: number;
  /** How old a value may be before it is asked for again; from half of that on, in the background. */
  readonly freshMs: number;
  /** Longest wait for an answer; then the old value does, however old. */
  readonly waitMs: number;
  readonly now?: () => number;
}

interface Entry<T> {
  readonly value: T;
  at: number;
}

/** What does not exist is remembered apart, or nonsense would drive out what does. */
const mostUnknown = 1_000;

/**
 * Values from the database that must be nearly new, and must be had while it is away. One question
 * per key at a time; a value in steady use never makes anybody wait.
 */
export class FreshCache<T extends object> {
  readonly #options: FreshCacheOptions<T>;
  readonly #entries: LRUCache<string, Entry<T>>;
  readonly #unknown: LRUCache<string, true>;
  readonly #loading = new Map<string, Promise<T | undefined>>();
  readonly #now: () => number;
  #generation = 0;
  #hits = 0;
  #loads = 0;

  constructor(options: FreshCacheOptions<T>) {
    this.#options = options;
    this.#entries = new LRUCache({ max: options.most });
    this.#unknown = new LRUCache({ max: mostUnknown, ttl: options.freshMs });
    this.#now = options.now ?? Date.now;
  }

  /** Answers from memory, and questions to the database. */
  get stats(): { hits: number; loads: number } {
    return { hits: this.#hits, loads: this.#loads };
  }

  /** What `get` would resolve with at once and without asking; undefined when it would ask. */
  peek(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry || this.#now() - entry.at >= this.#options.freshMs / 2) return undefined;
    this.#hits += 1;
    return entry.value;
  }

  /** @throws FoveaError DATABASE_UNAVAILABLE when nothing is known and nobody answers. */
  async get(key: string): Promise<T | undefined> {
    if (this.#unknown.get(key)) {
      this.#hits += 1;
      return undefined;
    }
    const entry = this.#entries.get(key);
    const age = entry ? this.#now() - entry.at : Number.POSITIVE_INFINITY;
    const fresh = entry !== undefined && age < this.#options.freshMs;
    if (fresh) this.#hits += 1;
    if (fresh && age < this.#options.freshMs / 2) return entry.value;
    const answer = this.#load(key);
    if (fresh) {
      answer.catch(() => undefined);
      return entry.value;
    }
    try {
      return await this.#inTime(answer);
    } catch (error) {
      if (!entry) throw error;
      entry.at = this.#now(); // nobody waits again before it has aged anew
      return entry.value;
    }
  }

  /** The next `get` of these asks; an answer that is under way does not count. */
  forget(concerned: (value: T) => boolean): void {
    this.#generation += 1;
    this.#loading.clear();
    for (const [key, { value }] of this.#entries.entries())
      if (concerned(value)) this.#entries.delete(key);
  }

  #load(key: string): Promise<T | undefined> {
    const known = this.#loading.get(key);
    if (known) return known;
    const generation = this.#generation;
    this.#loads += 1;
    const answer = this.#options
      .load(key)
      .then((value) => {
        if (generation === this.#generation) this.#keep(key, value);
        return value;
      })
      .finally(() => {
        if (this.#loading.get(key) === answer) this.#loading.delete(key);
      });
    this.#loading.set(key, answer);
    return answer;
  }

  #keep(key: string, value: T | undefined): void {
    if (value) this.#entries.set(key, { value, at: this.#now() });
    else {
      this.#entries.delete(key);
      this.#unknown.set(key, true);
    }
  }

  async #inTime(answer: Promise<T | undefined>): Promise<T | undefined> {
    const enough = new AbortController();
    const late = sleep(this.#options.waitMs, undefined, { signal: enough.signal }).then(() => {
      const message = 'The database takes too long to say who asks; try again shortly.';
      throw new FoveaError('DATABASE_UNAVAILABLE', message, { retry_after_seconds: 2 });
    });
    late.catch(() => undefined);
    answer.catch(() => undefined);
    return await Promise.race([answer, late]).finally(() => enough.abort());
  }
}
