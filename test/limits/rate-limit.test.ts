import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateLimit } from '../../src/limits/rate-limit.ts';
import { RedisConnection } from '../../src/redis/redis-connection.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/server.ts';

const rule = { requests: 3, windowSeconds: 60 };
/** Longest wait for Redis. */
const timeoutMs = 2_000;

describe('a rate limit', () => {
  it('allows so many requests of each key, and says what is left', async () => {
    const limit = new RateLimit({ policy: 'caller', rule });
    const left = [];
    for (let request = 0; request < 5; request += 1) left.push(await limit.take('a'));
    assert.deepEqual(
      left.map(({ allowed, remaining }) => [allowed, remaining]),
      [
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
        [false, 0],
      ],
    );
    assert.ok(left.every(({ resetSeconds }) => resetSeconds >= 30 && resetSeconds <= 60));
    assert.equal((await limit.take('b')).allowed, true, 'another key counts for itself');
  });

  it('begins anew when the window is over', async () => {
    const limit = new RateLimit({ policy: 'caller', rule: { requests: 1, windowSeconds: 1 } });
    assert.equal((await limit.take('a')).allowed, true);
    assert.equal((await limit.take('a')).allowed, false);
    await until('a new window', async () => (await limit.take('a')).allowed);
  });

  it('remembers a bounded number of keys, those used last', async () => {
    const limit = new RateLimit({ policy: 'caller', rule, mostKeys: 10 });
    await limit.take('kept');
    await limit.take('forgotten');
    for (let key = 0; key < 20; key += 1) {
      await limit.take(`other ${key}`);
      if (key < 2) await limit.take('kept');
      else if (key % 5 === 0) assert.equal((await limit.take('kept')).allowed, false);
    }
    assert.equal((await limit.take('forgotten')).remaining, 2, 'it counts from the beginning');
  });

  it('is counted for all servers in Redis, by each alone while Redis is away, and together again', async (t) => {
    const redis = await startRedis(t);
    const nodes = ['one', 'two'].map(() => {
      const connection = new RedisConnection({
        url: redis.url,
        timeoutMs,
        keyPrefix: 'test:',
      });
      connection.start();
      t.after(async () => await connection.close());
      return { connection, limit: new RateLimit({ policy: 'caller', rule, redis: connection }) };
    });
    const [one, two] = nodes;
    assert.ok(one && two);
    await until('both connections', () => nodes.every(({ connection }) => connection.up));
    assert.equal((await one.limit.take('a')).remaining, 2);
    assert.equal((await two.limit.take('a')).remaining, 1);
    assert.equal((await one.limit.take('a')).remaining, 0);
    assert.equal((await two.limit.take('a')).allowed, false);
    assert.deepEqual(await redis.command('KEYS', '*'), ['test:rate:caller:a']);

    redis.pause();
    const started = performance.now();
    const alone = await one.limit.take('b');
    assert.ok(
      performance.now() - started < 10 * timeoutMs,
      'it waits for Redis no longer than it may',
    );
    assert.equal(alone.remaining, 2);
    assert.equal((await two.limit.take('b')).remaining, 2, 'the other node counts for itself');
    redis.resume();
    await redis.stop();
    assert.equal((await one.limit.take('b')).remaining, 1);

    await redis.start();
    await until('both connections', () => nodes.every(({ connection }) => connection.up));
    assert.equal((await one.limit.take('c')).remaining, 2);
    assert.equal((await two.limit.take('c')).remaining, 1, 'counted together again');
  });
});
