import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assertError, startTestServer, until, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { getJson, sendJson, sendModel, sendRows, uploadModel } from '../support/user-models.ts';

interface Listed {
  readonly items: readonly { readonly prediction_id: string }[];
  readonly next_cursor: string | null;
}

describe('predictions while the database is cut', { concurrency: false }, () => {
  let server: TestServer;
  let modelId: string;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
    ({ id: modelId } = await uploadModel(server, 'iris', linearClassifier()));
    assert.equal((await sendRows(server, modelId, [[5, 3, 1, 0]])).status, 200);
  });
  after(async () => await server.close());

  const degraded = async (): Promise<boolean> =>
    (await server.fetch('/health/live')).headers.has('fovea-degraded');

  /** The whole cluster dies, as in a power cut: the server starts it again. */
  function killDatabase(): number {
    const file = join(server.dataDirectory, 'postgres/cluster/data/postmaster.pid');
    const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
    const path = `/proc/${postmaster}/task/${postmaster}/children`;
    const children = readFileSync(path, 'utf8').trim().split(' ').map(Number);
    process.kill(postmaster, 'SIGSTOP'); // so that it is gone for a while, not for an instant
    for (const child of children) process.kill(child, 'SIGKILL');
    return postmaster;
  }

  async function recorded(): Promise<Set<string>> {
    const ids = new Set<string>();
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page: Listed = await getJson(
        server,
        `/api/v1/predictions?limit=100&model_id=${modelId}${more}`,
      );
      for (const { prediction_id: id } of page.items) ids.add(id);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return ids;
  }

  it('none fails, none is lost, and writes to the registry say when to come back', async () => {
    const answered = new Set<string>();
    const failed: string[] = [];
    let slowest = 0;
    const enough = new AbortController();
    const client = async (number: number): Promise<void> => {
      for (let i = 0; !enough.signal.aborted; i += 1) {
        const started = performance.now();
        const response = await sendRows(server, modelId, [[number, i % 50, 1.4, 0.2]]);
        const text = await response.text();
        slowest = Math.max(slowest, performance.now() - started);
        if (response.status === 200)
          answered.add((JSON.parse(text) as { prediction_id: string }).prediction_id);
        else failed.push(text);
      }
    };
    const clients = Promise.all([1, 2, 3, 4].map(client));
    await until('some predictions', async () => answered.size > 50);
    const postmaster = killDatabase();
    try {
      await until('the loss to be noticed', degraded);
      const before = answered.size;
      const upload = await sendModel(server, 'another', linearClassifier());
      assert.ok(Number(upload.headers.get('retry-after')) >= 1, 'Retry-After of an upload');
      await assertError(upload, 503, 'DATABASE_UNAVAILABLE');
      const change = await sendJson(server, 'PATCH', `/api/v1/models/${modelId}`, {
        description: 'new',
      });
      assert.ok(Number(change.headers.get('retry-after')) >= 1, 'Retry-After of a change');
      await assertError(change, 503, 'DATABASE_UNAVAILABLE');
      await until('predictions without the database', async () => answered.size > before + 50);
    } finally {
      process.kill(postmaster, 'SIGKILL');
    }
    await until('the database to return', async () => !(await degraded()));
    const back = answered.size;
    await until('predictions with the database again', async () => answered.size > back + 50);
    enough.abort();
    await clients;
    assert.deepEqual(failed, []);
    assert.ok(slowest < 15_000, `the slowest prediction took ${slowest} ms`);
    await until('every record', async () => {
      const found = await recorded();
      return [...answered].every((id) => found.has(id));
    });
  });
});
