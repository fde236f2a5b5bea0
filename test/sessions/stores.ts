import type { TestContext } from 'node:test';
import { randomUUIDv7 } from 'node:crypto';
import { RedisConnection } from '../../src/redis/redis-connection.ts';
import { MemorySessionStore } from '../../src/sessions/memory-session-store.ts';
import { RedisSessionStore } from '../../src/sessions/redis-session-store.ts';
import { ResilientSessionStore } from '../../src/sessions/resilient-session-store.ts';
import type { NewSession, SessionStore } from '../../src/sessions/session-store.ts';
import { until } from '../support/server.ts';
import type { TestRedis } from '../support/redis.ts';

/** Longest wait of these connections for an answer: ample, where no test waits for it to pass. */
const timeoutMs = 10_000;

/** A connection to a real Redis that answers, closed after the test. */
export async function connected(
  t: Pick<TestContext, 'after'>,
  redis: TestRedis,
  keyPrefix: string = `test-${randomUUIDv7()}:`,
  longestMs = timeoutMs,
): Promise<RedisConnection> {
  const connection = new RedisConnection({ url: redis.url, timeoutMs: longestMs, keyPrefix });
  t.after(() => connection.close());
  connection.start();
  await until('the connection', () => connection.up);
  return connection;
}

/** Every implementation, by name, each empty. */
export const implementations: Readonly<
  Record<
    string,
    (t: Pick<TestContext, 'after'>, redis: TestRedis, keepMs: number) => Promise<SessionStore>
  >
> = {
  memory: async (_t, _redis, keepMs) => new MemorySessionStore({ maxBytes: 64e6, keepMs }),
  redis: async (t, redis, keepMs) =>
    new RedisSessionStore({ connection: await connected(t, redis), keepMs, timeoutMs }),
  'resilient, shared': async (t, redis, keepMs) => {
    const shared = new RedisSessionStore({
      connection: await connected(t, redis),
      keepMs,
      timeoutMs,
    });
    const store = new ResilientSessionStore({ shared, maxBytes: 64e6, keepMs });
    t.after(() => store.close());
    return store;
  },
  'resilient, alone': async (t, _redis, keepMs) => {
    const connection = new RedisConnection({
      url: 'redis://127.0.0.1:1',
      timeoutMs: 100,
      keyPrefix: '',
    });
    t.after(() => connection.close());
    const shared = new RedisSessionStore({ connection, keepMs, timeoutMs });
    const store = new ResilientSessionStore({ shared, maxBytes: 64e6, keepMs });
    t.after(() => store.close());
    return store;
  },
};

export function newSession(fields: Partial<NewSession> = {}): NewSession {
  return { id: randomUUIDv7(), ownerId: null, ttlMs: 60_000, metadata: '{}', ...fields };
}
