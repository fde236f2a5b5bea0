import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { MemoryPredictionCache, type PredictionCache } from '../../src/predict/prediction-cache.ts';
import { RedisPredictionCache } from '../../src/predict/redis-prediction-cache.ts';
import { RedisConnection } from '../../src/redis/redis-connection.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/server.ts';

const rows = {
  predictions: ['setosa'],
  probabilities: [{ setosa: 0.9, other: 0.1 }],
  confidence: [0.9],
};
const key = 'a:v1 hash';

async function connected(
  t: TestContext,
  redis: TestRedis,
): Promise<{ connection: RedisConnection; cache: RedisPredictionCache }> {
  const connection = new RedisConnection({ url: redis.url, timeoutMs: 200, keyPrefix: 'test:' });
  t.after(() => connection.close());
  connection.start();
  await until('the connection', async () => connection.up);
  const cache = new RedisPredictionCache({
    connection,
    local: new MemoryPredictionCache(1e5),
    ttlMs: 60_000,
  });
  return { connection, cache };
}

const kinds: Readonly<Record<string, (t: TestContext) => Promise<PredictionCache>>> = {
  'in memory': async () => new MemoryPredictionCache(1e5),
  'in Redis': async (t) => (await connected(t, await startRedis(t))).cache,
};

for (const [name, make] of Object.entries(kinds))
  describe(`a prediction cache ${name}`, () => {
    test('gives back what was put in, by version and input', async (t) => {
      const cache = await make(t);
      assert.equal(await cache.get(key), undefined);
      cache.set(key, rows);
      assert.deepEqual(await cache.get(key), rows);
      assert.equal(await cache.get('a:v2 hash'), undefined);
      assert.equal(await cache.get('b:v1 hash'), undefined);
    });

    test('keeps no more than its bytes', async (t) => {
      const cache = await make(t);
      const big = { predictions: Array.from({ length: 1_200 }, () => 'x'.repeat(100)) };
      for (const name of ['1', '2', '3']) cache.set(name, big);
      assert.equal(await cache.get('1'), undefined);
    });
  });

describe('predictions cached in Redis', () => {
  test('are shared by servers, expire, and carry any class name', async (t) => {
    const redis = await startRedis(t);
    const { cache } = await connected(t, redis);
    const odd = { ...rows, probabilities: [JSON.parse('{"__proto__": 0.5}')] };
    cache.set(key, odd);
    const name = `test:prediction:${key}`;
    await until('the result in Redis', async () => (await redis.command('GET', name)) !== null);
    const ttl = Number(await redis.command('PTTL', name));
    assert.ok(ttl > 0 && ttl <= 60_000, `lives for ${ttl} ms`);
    const other = await connected(t, redis);
    assert.equal(JSON.stringify(await other.cache.get(key)), JSON.stringify(odd));
  });

  test('what is no result is unknown', async (t) => {
    const redis = await startRedis(t);
    const { cache } = await connected(t, redis);
    for (const nonsense of ['{', '[]', '{"predictions":1}', 'late']) {
      await redis.command('SET', `test:prediction:${key}`, nonsense);
      assert.equal(await cache.get(key), undefined, nonsense);
    }
  });

  test('a Redis that hangs delays a few look-ups by some milliseconds, then none', async (t) => {
    const redis = await startRedis(t);
    const { cache } = await connected(t, redis);
    redis.pause();
    const times: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const started = performance.now();
      assert.equal(await cache.get(`hanging ${i}`), undefined);
      times.push(performance.now() - started);
    }
    redis.resume();
    assert.ok(times.filter((ms) => ms > 10).length <= 2, `look-ups took ${times.join(' ')} ms`);
  });

  test('a Redis that is killed under load fails nothing, and is used again', async (t) => {
    const redis = await startRedis(t);
    const { connection, cache } = await connected(t, redis);
    let wrong = 0;
    let asked = 0;
    const work = async (worker: number): Promise<void> => {
      for (let i = 0; i < 300; i += 1) {
        const mine = `${worker} ${i}`;
        cache.set(mine, { predictions: [mine] });
        const got = await cache.get(mine);
        if (got?.predictions[0] !== mine) wrong += 1;
        asked += 1;
        if (asked === 400) await redis.kill();
      }
    };
    await Promise.all([1, 2, 3, 4].map(work));
    assert.equal(asked, 1200);
    assert.equal(wrong, 0);
    await redis.start();
    await until('the connection again', async () => connection.up);
    cache.set(key, rows);
    await until(
      'the result in Redis',
      async () => (await redis.command('GET', `test:prediction:${key}`)) !== null,
    );
  });
});
