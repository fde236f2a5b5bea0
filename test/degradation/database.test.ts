import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import type { DeepHealth } from '../../src/protocol/health.ts';
import { startFaultyProxy, type FaultyProxy } from '../support/faulty-proxy.ts';
import { temporaryDirectory } from '../support/postgres.ts';
import {
  assertError,
  form,
  photo,
  startTestServer,
  until,
  type TestServer,
} from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { whole } from './load.ts';
import { predictRows, sendModel, uploadModel } from '../support/user-models.ts';

describe('PostgreSQL lost', { concurrency: false }, () => {
  let directory = '';
  let postgres: EmbeddedPostgres;
  /** Keeps the address over restarts of PostgreSQL, whose port is another each time. */
  let proxy: FaultyProxy;
  const target = { port: 0 };
  let server: TestServer;

  async function startPostgres() {
    postgres = new EmbeddedPostgres({ directory, transport: 'loopback' });
    const found = await postgres.start(AbortSignal.timeout(120_000));
    target.port = found.port ?? 0;
    return found;
  }

  before(async () => {
    directory = await temporaryDirectory();
    const { user, password, database } = await startPostgres();
    proxy = await startFaultyProxy(target);
    const secret = encodeURIComponent(password ?? '');
    server = await startTestServer({
      FOVEA_WORKERS: '1',
      FOVEA_TABULAR_WORKERS: '1',
      DATABASE_URL: `postgres://${user}:${secret}@127.0.0.1:${proxy.port}/${database}`,
    });
  });
  after(async () => {
    await server.close();
    await proxy.close();
    await postgres.stop();
  });

  const degraded = async (): Promise<string | null> =>
    (await server.fetch('/health/live')).headers.get('fovea-degraded');
  const analyzeById = async (id: string): Promise<Response> =>
    await server.fetch('/api/analyze/by-id', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ image_id: id }),
    });

  it('stopped and started in the middle of a load: every prediction is answered, and logged in the end', async () => {
    const { id } = await uploadModel(server, 'iris', linearClassifier());
    await predictRows(server, id, [[1, 2, 3, 4]]);
    const kept = await server.fetch('/api/validate/image', {
      method: 'POST',
      body: form(await photo('rocket.jpg')),
    });
    const { image_id: imageId } = (await kept.json()) as { image_id: string };

    const predicted: string[] = [];
    const ended = new AbortController();
    const load = Array.from({ length: 3 }, async () => {
      while (!ended.signal.aborted) {
        const rows = [[Math.random(), Math.random(), 1, predicted.length]];
        predicted.push((await predictRows(server, id, rows)).prediction_id);
      }
    });
    await until('some predicted', () => predicted.length > 100);
    await postgres.stop();
    await until('the loss', async () => (await degraded()) === 'database');
    const atLoss = predicted.length;
    await until('more predicted without it', () => predicted.length > atLoss + 300);

    const analysis = await analyzeById(imageId);
    assert.equal(analysis.status, 200, await analysis.clone().text());
    assert.equal(analysis.headers.get('fovea-degraded'), 'database');
    const upload = await sendModel(server, 'another', linearClassifier());
    assert.ok(Number(upload.headers.get('retry-after')) >= 1);
    await assertError(upload, 503, 'DATABASE_UNAVAILABLE');
    const change = await server.fetch(`/api/v1/models/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ status: 'deprecated' }),
    });
    assert.ok(Number(change.headers.get('retry-after')) >= 1);
    await assertError(change, 503, 'DATABASE_UNAVAILABLE');
    assert.equal((await server.fetch('/health/ready')).status, 200);
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(metrics, /fovea_breaker_state\{dependency="database"\} 2/);

    await startPostgres();
    await until('the return', async () => (await degraded()) === null);
    const atReturn = predicted.length;
    await until('more predicted with it', () => predicted.length > atReturn + 50);
    ended.abort();
    await Promise.all(load);

    assert.equal(new Set(predicted).size, predicted.length);
    const logged = new Set<string>();
    await until('the whole log', async () => {
      logged.clear();
      for (const item of await allLogged()) logged.add(item);
      return predicted.every((one) => logged.has(one));
    });
    await uploadModel(server, 'another', linearClassifier());
  });

  it('hanging: whoever waits for it is answered within seconds, and everybody after that at once', async () => {
    const list = async (): Promise<{ response: Response; ms: number }> => {
      const started = performance.now();
      const response = await whole(server.fetch('/api/v1/images'));
      return { response, ms: performance.now() - started };
    };
    assert.equal((await list()).response.status, 200);
    const image = await photo('coffee.png');
    const analyze = async (): Promise<Response> =>
      await whole(server.fetch('/api/analyze/image', { method: 'POST', body: form(image) }));
    await proxy.become('hang');
    const first = await Promise.all(Array.from({ length: 20 }, list));
    for (const { response, ms } of first) {
      assert.ok(ms < 30_000, `${ms} ms`);
      await assertError(response, 503, 'DATABASE_UNAVAILABLE');
    }
    await until('the loss', async () => (await degraded()) === 'database');
    const next = await Promise.all(Array.from({ length: 20 }, list));
    for (const { response, ms } of next) {
      assert.ok(ms < 4_000, `${ms} ms`);
      await assertError(response, 503, 'DATABASE_UNAVAILABLE');
    }
    assert.equal((await analyze()).status, 200);
    const { breakers } = (await (await whole(server.fetch('/health/deep'))).json()) as DeepHealth;
    assert.match(breakers.database ?? '', /open/);
    await proxy.become('pass');
    await until('the return', async () => (await degraded()) === null);
    assert.equal((await list()).response.status, 200);
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(metrics, /transitions_total\{dependency="database",to="half_open"\} [1-9]/);
  });

  async function allLogged(): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const response = await server.fetch(`/api/v1/predictions?limit=100${query}`);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      const page = JSON.parse(text) as {
        items: { prediction_id: string }[];
        next_cursor: string | null;
      };
      found.push(...page.items.map((item) => item.prediction_id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    return found;
  }
});
