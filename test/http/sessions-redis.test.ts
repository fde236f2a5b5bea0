import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Session, SessionDetection } from '../../src/protocol/session.ts';
import { launchRedis, type TestRedis } from '../support/redis.ts';
import { form, photo, startTestServer, until, type TestServer } from '../support/server.ts';

describe('sessions of servers on one Redis', { concurrency: false }, () => {
  let redis: TestRedis & { readonly close: () => Promise<void> };
  let server: TestServer;
  let coffee: Buffer<ArrayBuffer>;
  const settings = (): Record<string, string> => ({ FOVEA_WORKERS: '1', REDIS_URL: redis.url });
  before(async () => {
    redis = await launchRedis();
    server = await startTestServer(settings());
    coffee = await photo('coffee.png');
  });
  after(async () => {
    await server.close();
    await redis.close();
  });

  const begin = async (): Promise<Session> =>
    (await (await server.fetch('/api/v1/sessions', { method: 'POST' })).json()) as Session;
  const detect = async (id: string): Promise<Response> =>
    server.fetch(`/detect/${id}`, { method: 'POST', body: form(coffee) });
  const show = async (at: TestServer, id: string): Promise<Session> =>
    (await (await at.fetch(`/api/v1/sessions/${id}`)).json()) as Session;

  it('goes on while Redis is away, says so, and is whole afterwards', async () => {
    const { session_id: id } = await begin();
    const usual = await detect(id);
    assert.deepEqual([usual.status, usual.headers.get('fovea-degraded')], [200, null]);
    await redis.stop();
    for (let n = 0; n < 3; n += 1) {
      const alone = await detect(id);
      assert.deepEqual([alone.status, alone.headers.get('fovea-degraded')], [200, 'redis']);
      const { detections } = (await alone.json()) as SessionDetection;
      assert.equal(detections[0]?.label, 'cup');
    }
    const { session_id: born } = await begin();
    assert.equal((await server.fetch('/health/ready')).status, 200);
    await redis.start();
    await until('Redis', async () => !(await detect(id)).headers.has('fovea-degraded'));
    const { detection_count: count } = await show(server, id);
    assert.ok(count >= 5);
    // Another server sees the same: both sessions are in Redis, which had come back empty.
    const second = await startTestServer(settings());
    try {
      await until('Redis', async () => (await second.fetch('/health/ready')).status === 200);
      assert.deepEqual(await show(second, id), await show(server, id));
      assert.equal((await show(second, born)).status, 'created');
      const ended = await second.fetch(`/api/v1/sessions/${id}`, { method: 'DELETE' });
      assert.equal(ended.status, 200);
      assert.equal((await detect(id)).status, 409, 'the first server knows at once');
    } finally {
      await second.close();
    }
  });

  it('outlives the server', async () => {
    const { session_id: id } = await begin();
    assert.equal((await detect(id)).status, 200);
    const before = await show(server, id);
    await server.close();
    server = await startTestServer(settings());
    assert.deepEqual(await show(server, id), before);
    assert.equal((await detect(id)).status, 200);
    assert.equal((await show(server, id)).detection_count, 2);
  });
});
