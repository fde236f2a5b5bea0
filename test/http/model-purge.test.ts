import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ModelVersion } from '../../src/protocol/model-version.ts';
import { assertError, startTestServer, until, type TestServer } from '../support/server.ts';
import { treeRegressor } from '../support/tabular-models.ts';
import {
  getJson,
  predictRows,
  sendJson,
  sendModel,
  sendRows,
  uploadModel,
} from '../support/user-models.ts';

interface Entry {
  readonly action: string;
  readonly actor_kind: string;
  readonly target: string | null;
  readonly details: Record<string, unknown>;
}

describe('deleting the files of models', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(async () => await server.close());

  const there = async (name: string, version: number): Promise<boolean> =>
    await access(join(server.dataDirectory, `models/open/${name}/v${version}`)).then(
      () => true,
      () => false,
    );
  const purge = async (id: string, query = ''): Promise<Response> =>
    await sendJson(server, 'DELETE', `/api/v1/models/${id}?purge=true${query}`);
  const purges = async (id: string): Promise<Entry[]> => {
    const { items } = await getJson<{ items: Entry[] }>(server, '/api/v1/audit-log');
    return items.filter(({ action, target }) => action === 'models.purge' && target === id);
  };

  it('one version goes for good; the others keep their files and answer', async () => {
    const { id } = await uploadModel(server, 'one', treeRegressor(1));
    await uploadModel(server, 'one', treeRegressor(2));
    assert.deepEqual(
      (await predictRows(server, id, [[0]], { query: '?version=1' })).predictions,
      [10],
    );
    assert.equal((await purge(id, '&version=1')).status, 204);
    assert.deepEqual([await there('one', 1), await there('one', 2)], [false, true]);

    const gone = await getJson<ModelVersion>(server, `/api/v1/models/${id}?version=1`);
    assert.equal(gone.status, 'archived');
    assert.ok(Date.now() - Date.parse(gone.purged_at ?? '') < 60_000);
    const path = `/api/v1/models/${id}`;
    for (const answer of [
      await sendRows(server, id, [[0]], { query: '?version=1' }), // it was cached, and loaded
      await sendJson(server, 'POST', `${path}/load?version=1`),
      await server.fetch(`${path}/download?version=1`),
      await sendJson(server, 'PATCH', `${path}?version=1`, { status: 'active' }),
    ])
      await assertError(answer, 410, 'MODEL_PURGED');
    await assertError(
      await sendJson(server, 'POST', `${path}/rollback`, {}),
      400,
      'REQUEST_INVALID',
    );
    assert.deepEqual((await predictRows(server, id, [[0]])).predictions, [20]);
    const again = await sendJson(server, 'PATCH', `${path}?version=1`, {
      metadata: { why: 'old' },
    });
    assert.equal(again.status, 200, 'its facts can be written to');
    assert.deepEqual(
      (await purges(id)).map(({ actor_kind: kind, details }) => [kind, details]),
      [['open', { model: 'one', versions: [1] }]],
    );
    assert.equal((await purge(id, '&version=1')).status, 204, 'twice is once');
    assert.equal((await purges(id)).length, 1);
  });

  it('a whole model goes; its name begins anew with the next number', async () => {
    const { id } = await uploadModel(server, 'whole', treeRegressor(1));
    await uploadModel(server, 'whole', treeRegressor(2));
    await sendJson(server, 'DELETE', `/api/v1/models/${id}`);
    assert.ok(await there('whole', 1), 'archiving deletes nothing');
    assert.equal((await purge(id)).status, 204);
    assert.deepEqual([await there('whole', 1), await there('whole', 2)], [false, false]);
    await assertError(await sendRows(server, id, [[0]]), 410, 'MODEL_PURGED');
    const restore = await sendJson(server, 'PATCH', `/api/v1/models/${id}`, { status: 'active' });
    await assertError(restore, 410, 'MODEL_PURGED');

    const next = await uploadModel(server, 'whole', treeRegressor(3), { default: 'false' });
    assert.deepEqual([next.id, next.version, next.status], [id, 3, 'active']);
    assert.deepEqual((await predictRows(server, id, [[0]])).predictions, [30]);
    await assertError(
      await sendRows(server, id, [[0]], { query: '?version=2' }),
      410,
      'MODEL_PURGED',
    );
  });

  it('an archived model with files left is restored with them', async () => {
    const { id } = await uploadModel(server, 'partly', treeRegressor(1));
    await uploadModel(server, 'partly', treeRegressor(2));
    await purge(id, '&version=1');
    await sendJson(server, 'DELETE', `/api/v1/models/${id}`);
    await assertError(await sendModel(server, 'partly', treeRegressor(3)), 410, 'MODEL_ARCHIVED');
    await sendJson(server, 'PATCH', `/api/v1/models/${id}`, { status: 'active' });
    assert.deepEqual((await predictRows(server, id, [[0]])).predictions, [20]);
  });

  it('under load every answer is a right one or says that the version is gone', async () => {
    const { id } = await uploadModel(server, 'busy', treeRegressor(1));
    const codes = new Set<string>();
    const stop = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) {
        const answer = await sendRows(server, id, [[0]], { cache: false });
        const body = (await answer.json()) as { error?: { code: string }; predictions?: number[] };
        codes.add(body.error?.code ?? JSON.stringify(body.predictions));
        // Out of memory and in again: the next one opens the file.
        if (Math.random() < 0.2) await sendJson(server, 'POST', `/api/v1/models/${id}/unload`);
      }
    });
    await until('an answer', () => codes.has('[10]'));
    const restores = Array.from({ length: 4 }, () =>
      sendJson(server, 'PATCH', `/api/v1/models/${id}`, { status: 'active' }),
    );
    const [purged] = await Promise.all([purge(id), ...restores]);
    assert.equal(purged.status, 204);
    await until('a refusal', () => codes.has('MODEL_PURGED'));
    stop.abort();
    await Promise.all(load);
    assert.deepEqual([...codes].sort(), ['MODEL_PURGED', '[10]']);
    assert.equal(await there('busy', 1), false);
    await assertError(
      await sendJson(server, 'PATCH', `/api/v1/models/${id}?version=1`, { status: 'active' }),
      410,
      'MODEL_PURGED',
    );
  });

  it('a download under way is finished', async () => {
    const bytes = treeRegressor(1);
    const { id } = await uploadModel(server, 'download', bytes);
    const answer = await server.fetch(`/api/v1/models/${id}/download`);
    await purge(id);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes));
  });
});
