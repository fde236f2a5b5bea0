import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../../src/protocol/session.ts';
import { startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy.ts';
import { launchRedis, type TestRedis } from '../support/redis.ts';
import { form, photo, startTestServer, until, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { sendJson, sendRows, uploadModel } from '../support/user-models.ts';
import { whole, withComment } from './load.ts';

/** What a client was told of its session. */
interface Known {
  readonly id: string;
  count: number;
  edits: number;
  ended: boolean;
}

/** Longer than any request may take while Redis fails; the machine may be busy with other things. */
const boundMs = 30_000;

describe('Redis lost under load', { concurrency: false }, () => {
  let redis: TestRedis & { close: () => Promise<void> };
  /** Between server and Redis, to make it slow. */
  let proxy: FaultyProxy;
  let server: TestServer;
  let coffee: Buffer<ArrayBuffer>;
  let modelId = '';
  before(async () => {
    redis = await launchRedis();
    proxy = await startFaultyProxy({ port: redis.port });
    coffee = await photo('coffee.png');
    server = await startTestServer({
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      FOVEA_WORKERS: '1',
      FOVEA_TABULAR_WORKERS: '1',
    });
    ({ id: modelId } = await uploadModel(server, 'iris', linearClassifier()));
  });
  after(async () => {
    await server.close();
    await proxy.close();
    await redis.close();
  });

  const degraded = async (): Promise<string | null> =>
    (await whole(server.fetch('/health/live'))).headers.get('fovea-degraded');

  /** Clients of every kind, each sending as soon as it is answered, until it is stopped. */
  function startLoad() {
    const ended = new AbortController();
    const sessions: Known[] = [];
    const failures: string[] = [];
    const served = { all: 0, degraded: 0, slowestMs: 0 };
    let serial = 0;
    const send = async (what: string, request: () => Promise<Response>): Promise<string> => {
      const started = performance.now();
      const response = await request();
      const text = await response.text();
      served.all += 1;
      served.slowestMs = Math.max(served.slowestMs, performance.now() - started);
      if (response.headers.get('fovea-degraded') === 'redis') served.degraded += 1;
      if (!response.ok) failures.push(`${what}: ${response.status} ${text.slice(0, 200)}`);
      return text;
    };
    const post = async (path: string, image: Buffer<ArrayBuffer>): Promise<Response> =>
      await server.fetch(path, { method: 'POST', body: form(image) });

    const oneSession = async (): Promise<void> => {
      const made = await send('create', () => sendJson(server, 'POST', '/api/v1/sessions', {}));
      const { session_id: id } = JSON.parse(made) as Session;
      const known: Known = { id, count: 0, edits: 0, ended: false };
      sessions.push(known);
      for (let step = 0; step < 4; step += 1) {
        await send('frame', () => post(`/detect/${id}`, coffee));
        known.count += 1;
        const metadata = { edits: (known.edits += 1) };
        await send('edit', () => sendJson(server, 'PATCH', `/api/v1/sessions/${id}`, { metadata }));
        await send('show', () => server.fetch(`/api/v1/sessions/${id}`));
        await sleep(20);
      }
      await send('list', () => server.fetch('/api/v1/sessions'));
      known.ended = sessions.length % 3 === 0;
      if (known.ended)
        await send('end', () => server.fetch(`/api/v1/sessions/${id}`, { method: 'DELETE' }));
    };
    const kinds: readonly (() => Promise<unknown>)[] = [
      oneSession,
      oneSession,
      oneSession,
      () => send('detect', () => post('/api/v1/detect', coffee)),
      () => send('analyze', () => post('/api/analyze/image', withComment(coffee, serial++))),
      // Some are in the cache, of this process or of Redis, and some are not.
      () => send('predict', () => sendRows(server, modelId, [[serial++ % 200, 1, 2, 3]])),
    ];
    const clients = kinds.map(async (kind) => {
      while (!ended.signal.aborted) {
        await kind();
        await sleep(10);
      }
    });
    const stop = async (): Promise<void> => {
      ended.abort();
      await Promise.all(clients);
    };
    return { sessions, failures, served, stop };
  }

  async function assertNoMismatch(sessions: readonly Known[]): Promise<void> {
    for (const { id, count, edits, ended } of sessions) {
      const shown = (await (await server.fetch(`/api/v1/sessions/${id}`)).json()) as Session;
      const { detection_count: detections, metadata, status } = shown;
      const expected = [count, { edits }, ended ? 'ended' : 'active'];
      assert.deepEqual([detections, metadata, status], expected, `${id} by the API`);
      const kept = await inRedis(id);
      assert.deepEqual(kept.known, expected, `${id} in Redis`);
      assert.equal(kept.seen, shown.last_activity, `${id}: when it was seen last`);
    }
  }

  async function inRedis(id: string): Promise<{ known: unknown[]; seen: string }> {
    const key = `fovea:sessions:${id}`;
    const names = (await redis.command('HKEYS', key)) as string[];
    const values = (await redis.command('HMGET', key, ...names)) as string[];
    const fields = new Map(names.map((name, at) => [name, values[at] ?? '']));
    const counts = [...fields].flatMap(([name, value]) =>
      name.startsWith('n:') ? [Number(value)] : [],
    );
    const status = (fields.get('ended') ?? '') === '' ? 'active' : 'ended';
    return {
      known: [
        counts.reduce((sum, count) => sum + count, 0),
        JSON.parse(fields.get('metadata') ?? 'null'),
        status,
      ],
      seen: new Date(Number(fields.get('seen'))).toISOString(),
    };
  }

  async function failsUnderLoad(
    t: TestContext,
    lose: () => Promise<void> | void,
    heal: () => Promise<void> | void,
  ): Promise<void> {
    const { sessions, failures, served, stop } = startLoad();
    await until('some sessions', () => sessions.length > 4);
    await lose();
    await until('the loss', async () => (await degraded()) === 'redis');
    const atLoss = [sessions.length, served.degraded] as const;
    await until('work without it', () => sessions.length > atLoss[0] + 4);
    const ready = await whole(server.fetch('/health/ready'));
    assert.equal(ready.status, 200, await ready.text());
    await heal();
    await until('the return', async () => (await degraded()) === null);
    const atReturn = sessions.length;
    await until('work with it again', () => sessions.length > atReturn + 3);
    await stop();

    assert.deepEqual(failures, []);
    assert.ok(served.degraded > atLoss[1] + 20, `${served.degraded} answers said so`);
    assert.ok(served.slowestMs < boundMs, `the slowest took ${served.slowestMs} ms`);
    // Copies are brought back in the background: until then answers say that Redis is done without.
    await until('every copy to be back', async () => {
      const { headers } = await whole(server.fetch('/api/v1/sessions'));
      return !headers.has('fovea-degraded');
    });
    await assertNoMismatch(sessions);
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(metrics, /fovea_breaker_state\{dependency="redis"\} 0/);
    t.diagnostic(
      `${served.all} requests, ${served.degraded} without Redis, none failed; the slowest ${Math.round(served.slowestMs)} ms; ${sessions.length} sessions, no mismatch`,
    );
  }

  it('stopped, and back empty', async (t) => await failsUnderLoad(t, redis.stop, redis.start));
  it('killed, and back empty', async (t) => await failsUnderLoad(t, redis.kill, redis.start));
  it('hanging, and then doing what it was sent', async (t) =>
    await failsUnderLoad(t, redis.pause, redis.resume));
  it('slow', async (t) =>
    await failsUnderLoad(
      t,
      async () => await proxy.become('slow', 2_500),
      async () => await proxy.become('pass'),
    ));
});
