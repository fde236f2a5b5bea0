import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { DecodedRows } from './decode-outputs.ts';
import type { LookupCounts, PredictionCache } from './prediction-cache.ts';

export interface RedisPredictionCacheOptions {
  readonly connection: Pick<RedisConnection, 'run' | 'up'>;
  /** This process's own, asked first, and all there is while Redis is away. */
  readonly local: PredictionCache;
  /** How long Redis keeps a result. */
  readonly ttlMs: number;
  /** Longest wait for Redis; then the result counts as unknown. */
  readonly waitMs?: number;
}

const usualWaitMs = 15;
/** A Redis that was late is left alone for this long: it must not slow one prediction after the other. */
const restMs = 1_000;
/** Longer results stay in this process. */
const longestText = 64 * 1024;
/** Results on their way to Redis; those beyond are not sent. */
const mostWrites = 256;

const stored = z.looseObject({
  predictions: z.array(z.unknown()),
  probabilities: z.array(z.record(z.string(), z.number().nullable())).optional(),
  confidence: z.array(z.number().nullable()).optional(),
});

/**
 * Results shared by all servers on one Redis, behind this process's own. What the own one has is not
 * asked for; what Redis has is kept here too. Those who ask for the same at once share one question.
 */
export class RedisPredictionCache implements PredictionCache {
  readonly #options: RedisPredictionCacheOptions;
  readonly #asking = new Map<string, Promise<DecodedRows | undefined>>();
  #writes = 0;
  #restUntil = 0;
  #hits = 0;
  #misses = 0;

  constructor(options: RedisPredictionCacheOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<DecodedRows | undefined> {
    const known = await this.#options.local.get(key);
    if (known || !this.#awake) return known;
    const asked = this.#asking.get(key) ?? this.#ask(key);
    return await asked;
  }

  /** Those that Redis was asked for. */
  get lookups(): LookupCounts {
    return { hits: this.#hits, misses: this.#misses };
  }

  set(key: string, value: DecodedRows): void {
    this.#options.local.set(key, value);
    if (!this.#awake || this.#writes >= mostWrites) return;
    const text = JSON.stringify(value);
    if (text.length > longestText) return;
    this.#writes += 1;
    const expiration = { type: 'PX', value: this.#options.ttlMs } as const;
    this.#options.connection
      .run('prediction_set', (client) => client.set(redisKey(key), text, { expiration }))
      .catch(() => undefined)
      .finally(() => (this.#writes -= 1));
  }

  get #awake(): boolean {
    return this.#options.connection.up && performance.now() >= this.#restUntil;
  }

  #ask(key: string): Promise<DecodedRows | undefined> {
    const answer = this.#inTime(key).finally(() => this.#asking.delete(key));
    this.#asking.set(key, answer);
    return answer;
  }

  async #inTime(key: string): Promise<DecodedRows | undefined> {
    const { connection, waitMs = usualWaitMs } = this.#options;
    const enough = new AbortController();
    const late = sleep(waitMs, 'late' as const, { signal: enough.signal }).catch(() => 'late');
    const text = connection
      .run('prediction_get', (client) => client.get(redisKey(key)))
      .catch(() => null);
    const first = await Promise.race([text, late]);
    enough.abort();
    if (first === 'late') this.#restUntil = performance.now() + restMs;
    const rows = typeof first === 'string' && first !== 'late' ? rowsOf(first) : undefined;
    if (rows) this.#hits += 1;
    else this.#misses += 1;
    if (rows) this.#options.local.set(key, rows);
    return rows;
  }
}

/** Keys begin with the version, whose owner is checked before anything is looked up. */
function redisKey(key: string): string {
  return `prediction:${key}`;
}

/** Whoever can write to Redis can put anything there: what is no result is none. */
function rowsOf(text: string): DecodedRows | undefined {
  try {
    const value: unknown = JSON.parse(text);
    stored.parse(value);
    return value as DecodedRows; // as it is: a class may bear the name `__proto__`, which zod drops
  } catch {
    return undefined;
  }
}
