import { LRUCache } from 'lru-cache';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { RateRule, RateStanding } from './rate-rule.ts';

export interface RateLimitOptions {
  readonly policy: RateStanding['policy'];
  readonly rule: RateRule;
  /** Where servers count together. Each counts for itself without it, and while it is away. */
  readonly redis?: Pick<RedisConnection, 'run'> | undefined;
  /** Most keys that one process remembers; the longest unused are forgotten first. */
  readonly mostKeys?: number;
}

const defaultMostKeys = 50_000;

/** Counts requests by key: in this process, or in Redis for all servers on it. */
export class RateLimit {
  readonly policy: RateStanding['policy'];
  readonly rule: RateRule;
  readonly #limiter: RateLimiterAbstract;

  constructor({ policy, rule, redis, mostKeys = defaultMostKeys }: RateLimitOptions) {
    this.policy = policy;
    this.rule = rule;
    const own = new BoundedLimiter(rule, mostKeys);
    this.#limiter =
      redis === undefined
        ? own
        : new RateLimiterRedis({
            ...asOptions(rule),
            keyPrefix: `rate:${policy}`,
            storeClient: evaluatingClient(redis),
            useRedisPackage: true,
            insuranceLimiter: own,
            // Whoever is over the limit is refused from memory: a flood does not reach Redis.
            inMemoryBlockOnConsumed: rule.requests + 1,
          });
  }

  /** Counts one request. */
  async take(key: string): Promise<RateStanding> {
    try {
      return this.#standing(await this.#limiter.consume(key), true);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return this.#standing(refusal, false);
      throw refusal;
    }
  }

  #standing({ remainingPoints, msBeforeNext }: RateLimiterRes, allowed: boolean): RateStanding {
    return {
      policy: this.policy,
      rule: this.rule,
      allowed,
      remaining: allowed ? remainingPoints : 0,
      resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    };
  }
}

/** The library's limiter in memory keeps every key for a window: here with a bound. */
class BoundedLimiter extends RateLimiterMemory {
  readonly #keys: LRUCache<string, true>;

  constructor(rule: RateRule, mostKeys: number) {
    super(asOptions(rule));
    this.#keys = new LRUCache({
      max: mostKeys,
      dispose: (_known, key) => void this.delete(key),
    });
  }

  override consume(key: string | number, points?: number): Promise<RateLimiterRes> {
    if (this.#keys.get(String(key)) === undefined) this.#keys.set(String(key), true);
    return super.consume(key, points);
  }
}

function asOptions({ requests, windowSeconds }: RateRule): { points: number; duration: number } {
  return { points: requests, duration: windowSeconds };
}

/** What the library needs of a client, with the connection's breaker and deadline around it. */
function evaluatingClient(redis: Pick<RedisConnection, 'run'>): object {
  return {
    eval: async (script: string, given: { keys: string[]; arguments: string[] }) =>
      await redis.run('rate_limit', async (client) => await client.eval(script, given)),
  };
}
