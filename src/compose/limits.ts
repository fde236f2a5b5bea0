import { isLoopback, type Config } from '../config.ts';
import type { RateLimits } from '../http/hooks/limit-rates.ts';
import { RateLimit } from '../limits/rate-limit.ts';
import type { RateRule, RateStanding } from '../limits/rate-rule.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

/** Where others than this machine can ask: far above what a person or a camera does, far below a flood. */
const usual = {
  caller: { requests: 6_000, windowSeconds: 60 },
  session: { requests: 3_600, windowSeconds: 60 },
} as const satisfies Record<RateStanding['policy'], RateRule>;

/** Rate limits as the settings say, counted in Redis if there is one. */
export function composeLimits(config: Config, redis: RedisConnection | undefined): RateLimits {
  const limit = (
    policy: RateStanding['policy'],
    given: RateRule | null | undefined,
  ): RateLimit | undefined => {
    const rule = given === undefined && !isLoopback(config.HOST) ? usual[policy] : given;
    return rule ? new RateLimit({ policy, rule, redis }) : undefined;
  };
  return {
    caller: limit('caller', config.FOVEA_RATE_LIMIT),
    session: limit('session', config.FOVEA_RATE_LIMIT_SESSION),
  };
}
