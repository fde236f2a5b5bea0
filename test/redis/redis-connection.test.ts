import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { DependencyUnavailable } from '../../src/dependencies/dependency.ts';
import { RedisConnection, type RedisOptions } from '../../src/redis/redis-connection.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { launchRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/server.ts';

/** Longest wait for an answer: ample where Redis answers, short where a test waits for it to pass. */
const [timeoutMs, shortMs] = [10_000, 200];

describe('RedisConnection', { concurrency: false }, () => {
  let redis: TestRedis & { close: () => Promise<void> };
  before(async () => {
    redis = await launchRedis();
  });
  after(async () => await redis.close());

  function connectionOf(t: TestContext, options: Partial<RedisOptions> = {}): RedisConnection {
    const connection = new RedisConnection({
      url: redis.url,
      timeoutMs,
      keyPrefix: 'test:',
      ...options,
    });
    t.after(() => connection.close());
    connection.start();
    return connection;
  }

  async function connected(t: TestContext, options: Partial<RedisOptions> = {}) {
    const connection = connectionOf(t, options);
    await until('the connection', () => connection.up);
    return connection;
  }

  /** Refused at once, without waiting for the time-out. */
  async function assertRefusedAtOnce(connection: RedisConnection): Promise<void> {
    const started = performance.now();
    await assert.rejects(
      connection.run('get', (client) => client.get('a')),
      DependencyUnavailable,
    );
    assert.ok(performance.now() - started < timeoutMs / 2);
  }

  it('reads and writes under its prefix, and says how long each took', async (t) => {
    const seen: [string, boolean][] = [];
    const connection = await connected(t, {
      onOperation: (operation, ms, ok) => {
        assert.ok(ms > 0 && ms < timeoutMs);
        seen.push([operation, ok]);
      },
    });
    await connection.run('put', (client) => client.set('a', '1'));
    assert.equal(await connection.run('get', (client) => client.get('a')), '1');
    assert.equal(await redis.command('GET', 'test:a'), '1');
    assert.deepEqual(seen.slice(-2), [
      ['put', true],
      ['get', true],
    ]);
  });

  it('speaks over a unix socket, to a chosen database', async (t) => {
    const connection = await connected(t, { url: `unix://${redis.socketPath}?db=3` });
    await connection.run('put', (client) => client.set('a', 'three'));
    assert.equal(await redis.command('GET', 'test:a'), '1', 'database 0 is another');
  });

  it("counts no mistake of a caller's as a loss", async (t) => {
    const connection = await connected(t);
    await connection.run('put', (client) => client.set('text', 'x'));
    for (let n = 0; n < 10; n += 1)
      await assert.rejects(
        connection.run('push', (client) => client.lPush('text', 'y')),
        { message: /WRONGTYPE/ },
      );
    assert.equal(connection.up, true);
  });

  it('starts while Redis is away, refuses at once, and connects when it comes', async (t) => {
    const proxy = await startFaultyProxy({ port: redis.port });
    t.after(proxy.close);
    await proxy.become('refuse');
    const connection = connectionOf(t, { url: `redis://127.0.0.1:${proxy.port}` });
    await until('the refusal', () => connection.state.state === 'open');
    await assertRefusedAtOnce(connection);
    await proxy.become('pass');
    await until('the connection', () => connection.up);
    assert.equal(await connection.run('get', (client) => client.get('a')), '1');
  });

  it('a Redis that was stopped and started again is used again', async (t) => {
    const connection = await connected(t);
    await redis.stop();
    await until('the loss', () => !connection.up);
    await assertRefusedAtOnce(connection);
    await assert.rejects(connection.ping());
    await redis.start();
    await until('the return', () => connection.up);
    await connection.run('put', (client) => client.set('a', '1'));
  });

  it('a Redis that hangs costs a time-out for a few, and nothing for the rest', async (t) => {
    const sent: string[] = [];
    const connection = await connected(t, {
      timeoutMs: shortMs,
      onOperation: (operation) => sent.push(operation),
    });
    redis.pause();
    try {
      const started = performance.now();
      for (let n = 0; n < 200; n += 1)
        await assert.rejects(
          connection.run('get', (client) => client.get('a')),
          DependencyUnavailable,
        );
      assert.ok(performance.now() - started > 2 * shortMs);
      const waited = sent.filter((operation) => operation === 'get').length;
      assert.equal(waited, 3, 'the others are refused without being sent');
      assert.match(connection.state.reason ?? '', /did not answer|not connected/);
    } finally {
      redis.resume();
    }
    await until('the return', () => connection.up);
    assert.equal(await connection.run('get', (client) => client.get('a')), '1');
  });

  it('a Redis that is slower than the time-out counts as away until it is fast', async (t) => {
    const proxy = await startFaultyProxy({ port: redis.port });
    t.after(proxy.close);
    const url = `redis://127.0.0.1:${proxy.port}`;
    const connection = await connected(t, { url, timeoutMs: shortMs });
    await proxy.become('slow', 10 * shortMs);
    for (let n = 0; n < 3; n += 1)
      await assert.rejects(
        connection.run('get', (client) => client.get('a')),
        DependencyUnavailable,
      );
    await assertRefusedAtOnce(connection);
    await proxy.become('pass');
    await until('the return', () => connection.up);
  });

  it('a connection that died silently is replaced', async (t) => {
    const proxy = await startFaultyProxy({ port: redis.port });
    t.after(proxy.close);
    const url = `redis://127.0.0.1:${proxy.port}`;
    const connection = await connected(t, { url, timeoutMs: shortMs });
    await proxy.become('hang');
    const before = proxy.connections();
    await Promise.allSettled(
      Array.from({ length: 3 }, () => connection.run('get', (client) => client.get('a'))),
    );
    await until('a new connection', () => proxy.connections() > before);
    await proxy.become('pass');
    await until('the return', () => connection.up);
  });

  it('closed while it connects, it leaves no connection', async (t) => {
    const proxy = await startFaultyProxy({ port: redis.port });
    t.after(proxy.close);
    const connection = connectionOf(t, { url: `redis://127.0.0.1:${proxy.port}` });
    await connection.close();
    await until('the attempt', () => proxy.connections() === 1);
    await until('its end', () => proxy.open() === 0);
  });

  it('closes within a moment, also when Redis hangs', async (t) => {
    const connection = await connected(t);
    redis.pause();
    try {
      const lost = connection.run('get', (client) => client.get('a'));
      lost.catch(() => undefined);
      const started = performance.now();
      await connection.close();
      assert.ok(performance.now() - started < timeoutMs / 2);
      await assert.rejects(lost);
    } finally {
      redis.resume();
    }
  });
});
