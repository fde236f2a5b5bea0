import type { Config } from '../config.ts';
import type { Database, DatabaseState } from '../db/database.ts';
import { Degradations } from '../dependencies/degradations.ts';
import type { BreakerState, DependencyName, DependencyState } from '../dependencies/dependency.ts';
import { RedisConnection } from '../redis/redis-connection.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Says in the log that a dependency was lost or is back; trials are nobody's business. */
export function logDependency(
  logger: Logger,
  dependency: DependencyName,
): (state: BreakerState, reason: string | undefined) => void {
  return (state, reason) => {
    if (state === 'closed') logger.info({ dependency }, 'dependency works');
    else if (state === 'open') logger.warn({ dependency, reason }, 'dependency lost');
  };
}

/** Redis, if the settings name one, not connected yet. `onLost` is told each time that it is away. */
export function composeRedis(
  config: Config,
  logger: Logger,
  degradations: Degradations,
  metrics: () => Metrics,
  onLost: () => void,
): RedisConnection | undefined {
  if (config.REDIS_URL === undefined) return undefined;
  const told = logDependency(logger, 'redis');
  const redis = new RedisConnection({
    url: config.REDIS_URL,
    timeoutMs: config.FOVEA_REDIS_TIMEOUT,
    keyPrefix: config.FOVEA_REDIS_PREFIX,
    onOperation: (operation, ms, ok) => metrics().redisOperation(operation, ms, ok),
    onChange: (state, reason) => {
      told(state, reason);
      if (state === 'open') onLost();
    },
  });
  degradations.watch('redis', () => redis.state);
  return redis;
}

/** The database keeps callers away by itself; here it only tells its state in the same words. */
export class WatchedDatabase {
  readonly #entered = { closed: 0, open: 0 };
  #last: DatabaseState['status'] = 'starting';

  /** To be called at each change. */
  changed({ status }: DatabaseState): void {
    if (status === this.#last) return;
    this.#last = status;
    this.#entered[status === 'up' ? 'closed' : 'open'] += 1;
  }

  stateOf({ state, trials }: Database): DependencyState {
    const away = trials.now && state.status === 'down' ? 'half_open' : 'open';
    return {
      state: state.status === 'up' ? 'closed' : away,
      transitions: { ...this.#entered, half_open: trials.count },
      ...(state.status === 'down' ? { reason: state.reason } : {}),
    };
  }
}
