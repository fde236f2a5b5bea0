import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { StreamMessage } from '../../src/protocol/session-stream.ts';
import { call, ok, person } from '../support/accounts.ts';
import { startRedis } from '../support/redis.ts';
import { assertError, photo, startTestServer, until, type TestServer } from '../support/server.ts';

async function start(t: TestContext, settings: Record<string, string>): Promise<TestServer> {
  const server = await startTestServer({ FOVEA_WORKERS: '1', ...settings });
  t.after(async () => await server.close());
  return server;
}

const list = '/api/v1/images';

describe('rate limits', { concurrency: false }, () => {
  it('answers who asks too often at once, and says in headers how everybody stands', async (t) => {
    const server = await start(t, { FOVEA_RATE_LIMIT: '5/1m' });
    for (let left = 4; left >= 0; left -= 1) {
      const { status, headers } = await call(server, list);
      assert.equal(status, 200);
      assert.equal(headers.get('ratelimit-policy'), '"caller";q=5;w=60');
      assert.match(headers.get('ratelimit') ?? '', new RegExp(`^"caller";r=${left};t=\\d+$`));
      assert.equal(headers.get('ratelimit-limit'), '5');
      assert.equal(headers.get('ratelimit-remaining'), String(left));
      assert.ok(Number(headers.get('ratelimit-reset')) <= 60);
    }
    const body = Buffer.alloc(4 * 1024 * 1024);
    const refused = await server.fetch('/api/v1/analyze/image', {
      method: 'POST',
      body,
      headers: { 'content-type': 'image/png' },
    });
    const after = Number(refused.headers.get('retry-after'));
    assert.ok(after >= 1 && after <= 60, `${after} s`);
    assert.match(refused.headers.get('ratelimit') ?? '', /^"caller";r=0;t=\d+$/);
    const { details } = await assertError(refused, 429, 'RATE_LIMITED');
    assert.deepEqual(
      [details['policy'], details['limit'], details['window_seconds']],
      ['caller', 5, 60],
    );
    for (const path of ['/health/live', '/health/ready', '/openapi.json', '/docs'])
      assert.notEqual((await call(server, path)).status, 429, path);
    const metrics = await call(server, '/metrics');
    assert.match(metrics.text, /fovea_rate_limited_total\{policy="caller"\} 1/);
  });

  it('is off on loopback unless it is given', async (t) => {
    const server = await start(t, {});
    const { headers } = await call(server, list);
    assert.equal(headers.get('ratelimit'), null);
  });

  it('counts by address behind a trusted proxy, an IPv6 customer as one', async (t) => {
    const server = await start(t, {
      FOVEA_RATE_LIMIT: '2/1m',
      FOVEA_TRUSTED_PROXIES: '127.0.0.1,::1',
    });
    const from = async (address: string): Promise<string | null> => {
      const headers = { 'x-forwarded-for': address };
      return (await call(server, list, { headers })).headers.get('ratelimit-remaining');
    };
    assert.equal(await from('203.0.113.7'), '1');
    assert.equal(await from('203.0.113.8'), '1');
    assert.equal(await from('::ffff:203.0.113.7'), '0');
    assert.equal(await from('2001:db8:1:2::1'), '1');
    assert.equal(await from('2001:db8:1:2:ffff::9'), '0');
    assert.equal(await from('2001:db8:1:3::1'), '1');
  });

  it('counts each API key, and each account, for itself', async (t) => {
    const server = await start(t, { FOVEA_RATE_LIMIT: '4/1m', FOVEA_AUTH: 'required' });
    const { token } = await person(server, 'ada@example.org');
    const keys: string[] = [];
    for (const name of ['one', 'two']) {
      const made = await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
        token,
        body: { name, scopes: ['images'] },
      });
      keys.push(made.key);
    }
    const left = async (bearer: string): Promise<string | null> =>
      (await call(server, list, { token: bearer })).headers.get('ratelimit-remaining');
    assert.deepEqual(await Promise.all(keys.map(left)), ['3', '3']);
    assert.equal(await left(keys[0] ?? ''), '2');
    assert.equal(await left(token), '1', 'making two keys counted for the account');
    const nobody = await call(server, list);
    assert.deepEqual([nobody.status, nobody.headers.get('ratelimit')], [401, null]);
  });

  it('counts the frames of each session, by request and over streams', async (t) => {
    const server = await start(t, { FOVEA_RATE_LIMIT_SESSION: '2/1m' });
    const frame = await photo('coffee.png');
    const session = async (): Promise<string> =>
      (await ok<{ session_id: string }>(server, 'POST /api/v1/sessions', { body: {} })).session_id;
    const detect = async (id: string): Promise<Response> =>
      await server.fetch(`/detect/${id}`, {
        method: 'POST',
        body: frame,
        headers: { 'content-type': 'image/png' },
      });
    const [first, second] = [await session(), await session()];
    const good = await detect(first);
    assert.equal(good.status, 200);
    assert.equal(good.headers.get('ratelimit-policy'), '"session";q=2;w=60');
    await good.arrayBuffer();
    await (await detect(first)).arrayBuffer();
    const { details } = await assertError(await detect(first), 429, 'RATE_LIMITED');
    assert.equal(details['policy'], 'session');
    assert.equal((await call(server, `/api/v1/sessions/${first}`)).status, 200);

    const socket = new WebSocket(
      `${server.url.replace('http', 'ws')}/api/v1/sessions/${second}/stream`,
    );
    t.after(() => socket.terminate());
    const messages: StreamMessage[] = [];
    socket.on('message', (data: Buffer) =>
      messages.push(JSON.parse(String(data)) as StreamMessage),
    );
    await once(socket, 'open');
    for (let sent = 0; sent < 3; sent += 1) socket.send(frame);
    await until('three answers', () => messages.length >= 4);
    assert.deepEqual(
      messages.map((message) => message.type),
      ['ready', 'result', 'result', 'error'],
    );
    assert.match(JSON.stringify(messages[3]), /RATE_LIMITED/);
    assert.equal((await detect(second)).status, 429, 'both ways are one count');
  });

  it('is shared by servers on one Redis, and goes on without it', async (t) => {
    const redis = await startRedis(t);
    const settings = { REDIS_URL: redis.url, FOVEA_RATE_LIMIT: '3/1m' };
    const [one, two] = [await start(t, settings), await start(t, settings)];
    const left = async (server: TestServer): Promise<string | null> =>
      (await call(server, list)).headers.get('ratelimit-remaining');
    assert.deepEqual([await left(one), await left(two), await left(one)], ['2', '1', '0']);
    await redis.stop();
    const alone = await call(two, '/api/v1/sessions');
    assert.equal(alone.headers.get('fovea-degraded'), 'redis');
    assert.equal(alone.headers.get('ratelimit-remaining'), '2', 'it counts for itself');
    await redis.start();
    await until(
      'Redis',
      async () => !(await call(one, '/health/live')).headers.has('fovea-degraded'),
    );
    assert.equal(await left(one), '2', 'the new Redis knows nothing');
    assert.equal(await left(two), '1');
  });
});
