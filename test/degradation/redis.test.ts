import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launchRedis, type TestRedis } from '../support/redis.ts';
import { form, photo, startTestServer, until, type TestServer } from '../support/server.ts';

interface Deep {
  readonly ok: boolean;
  readonly checks: Record<string, { ok: boolean; ms: number; breaker?: string }>;
}

describe('Redis lost', { concurrency: false }, () => {
  let redis: TestRedis & { close: () => Promise<void> };
  let server: TestServer;
  before(async () => {
    redis = await launchRedis();
    server = await startTestServer({ REDIS_URL: redis.url, FOVEA_WORKERS: '1' });
  });
  after(async () => {
    await server.close();
    await redis.close();
  });

  const analyze = async (): Promise<Response> =>
    await server.fetch('/api/analyze/image?wipe_cache=true', {
      method: 'POST',
      body: form(await photo('astronaut.png')),
    });
  const degraded = async (): Promise<string | null> =>
    (await server.fetch('/health/live')).headers.get('fovea-degraded');
  const deep = async (): Promise<Deep> =>
    (await (await server.fetch('/health/deep')).json()) as Deep;

  it('works: nothing is degraded, and its latency is measured', async () => {
    const response = await analyze();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('fovea-degraded'), null);
    const { checks } = await deep();
    assert.equal(checks['redis']?.ok, true);
    assert.equal(checks['redis']?.breaker, 'closed');
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(metrics, /fovea_breaker_state\{dependency="redis"\} 0/);
    assert.match(
      metrics,
      /fovea_redis_operation_duration_seconds_count\{operation="ping",outcome="ok"\}/,
    );
  });

  for (const [how, lose, heal] of [
    ['stopped', async () => await redis.stop(), async () => await redis.start()],
    ['killed', async () => await redis.kill(), async () => await redis.start()],
    ['hanging', async () => redis.pause(), async () => redis.resume()],
  ] as const)
    it(`${how}: analyses go on and say so, ready stays true, and it comes back`, async () => {
      await lose();
      await until('the loss', async () => (await degraded()) === 'redis');
      const response = await analyze();
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('fovea-degraded'), 'redis');
      const ready = await server.fetch('/health/ready');
      assert.equal(ready.status, 200);
      assert.deepEqual(((await ready.json()) as { degraded: string[] }).degraded, ['redis']);
      const metrics = await (await server.fetch('/metrics')).text();
      assert.match(metrics, /fovea_breaker_state\{dependency="redis"\} [12]/);
      assert.match(
        metrics,
        /fovea_breaker_transitions_total\{dependency="redis",to="open"\} [1-9]/,
      );
      await heal();
      await until('the return', async () => (await degraded()) === null);
    });
});
