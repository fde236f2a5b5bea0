import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ModelVersion } from '../../src/protocol/model-version.ts';
import { assertError, startTestServer, until, type TestServer } from '../support/server.ts';
import { linearClassifier, treeRegressor } from '../support/tabular-models.ts';
import { getJson, predictRows, sendJson, sendModel, uploadModel } from '../support/user-models.ts';

interface List {
  readonly items: ModelVersion[];
  readonly next_cursor: string | null;
}

/** An entry of the audit log. */
interface Change {
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
}

describe('models', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(async () => await server.close());

  it('answers an upload with all that is known of the version', async () => {
    const bytes = linearClassifier({ zipmap: true });
    const model = await uploadModel(server, 'iris', bytes, {
      description: 'Flowers.',
      metadata: JSON.stringify({ accuracy: 0.97, features: ['a', 'b', 'c', 'd'] }),
    });
    assert.match(model.id, /^[0-9a-f-]{36}$/);
    const { name, version, status, format, description, size_bytes, aliases } = model;
    assert.deepEqual(
      { name, version, status, format, description, size_bytes, aliases },
      {
        name: 'iris',
        version: 1,
        status: 'active',
        format: 'onnx',
        description: 'Flowers.',
        size_bytes: bytes.length,
        aliases: ['default'],
      },
    );
    assert.equal(model.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(model.metadata['accuracy'], 0.97);
    assert.deepEqual(model.signature, {
      inputs: [{ name: 'X', dtype: 'float32', shape: ['N', 4], features: ['a', 'b', 'c', 'd'] }],
      outputs: [
        { name: 'label', dtype: 'string', shape: ['N'], role: 'label' },
        { name: 'probabilities', dtype: 'float32', shape: [null, 3], role: 'probabilities' },
      ],
      classes: ['setosa', 'versicolor', 'virginica'],
      columns: ['a', 'b', 'c', 'd'].map((name) => ({ name, type: 'number', nullable: false })),
    });
    assert.deepEqual(await getJson(server, `/api/v1/models/${model.id}`), model);
    const files = await readdir(join(server.dataDirectory, 'models/open/iris/v1'));
    assert.ok(files.includes('iris.onnx'));
  });

  it('gives back the file as it was uploaded', async () => {
    const bytes = linearClassifier({ zipmap: true, scale: 3 });
    const { id } = await uploadModel(server, 'download', bytes);
    const response = await server.fetch(`/api/v1/models/${id}/download`);
    assert.equal(
      response.headers.get('content-disposition'),
      'attachment; filename="download.onnx"',
    );
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
    await assertError(
      await server.fetch(`/api/v1/models/${id}/download?file=passwd`),
      404,
      'MODEL_NOT_FOUND',
    );
  });

  it('numbers 20 concurrent uploads 1 to 20, failures in between taking none', async () => {
    const good = Array.from({ length: 20 }, (_, i) =>
      sendModel(server, 'busy', treeRegressor(i + 1)),
    );
    const bad = Array.from({ length: 4 }, () => sendModel(server, 'busy', Buffer.from('no model')));
    const answers = await Promise.all(good);
    for (const response of await Promise.all(bad))
      await assertError(response, 422, 'MODEL_INVALID');
    const versions = await Promise.all(
      answers.map(async (response) => {
        assert.equal(response.status, 201, await response.clone().text());
        return (await response.json()) as ModelVersion;
      }),
    );
    assert.deepEqual(
      versions.map(({ version }) => version).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    assert.equal(new Set(versions.map(({ id }) => id)).size, 1);
    const [first] = versions;
    assert.ok(first);
    const current = await getJson<ModelVersion>(server, `/api/v1/models/${first.id}`);
    assert.equal(current.version, 20);
    // Each number answers with the factor of the file that was uploaded as it.
    for (const [i, { id, version }] of versions.entries()) {
      const { predictions } = await predictRows(server, id, [[0]], {
        query: `?version=${version}`,
      });
      assert.deepEqual(predictions, [10 * (i + 1)]);
    }
    const staging = await readdir(join(server.dataDirectory, 'models/.staging')).catch(() => []);
    assert.deepEqual(staging, [], 'nothing is left behind');
  });

  it('rolls back and forth under load: every answer comes from one of the two versions', async () => {
    const { id } = await uploadModel(server, 'rolling', treeRegressor(1));
    await uploadModel(server, 'rolling', treeRegressor(2));
    const seen = new Map<unknown, number>();
    const stop = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) {
        const { predictions, model } = await predictRows(server, id, [[0]], { cache: false });
        assert.equal(
          predictions[0],
          model.version * 10,
          'the version named is the one that answered',
        );
        seen.set(predictions[0], (seen.get(predictions[0]) ?? 0) + 1);
      }
    });
    for (let i = 0; i < 10; i += 1) {
      const back = await sendJson(server, 'POST', `/api/v1/models/${id}/rollback`, {});
      assert.equal(((await back.json()) as ModelVersion).version, 1);
      assert.deepEqual((await predictRows(server, id, [[0]], { cache: false })).predictions, [10]);
      const forth = await sendJson(server, 'POST', `/api/v1/models/${id}/rollback`, { version: 2 });
      assert.equal(((await forth.json()) as ModelVersion).version, 2);
      assert.deepEqual((await predictRows(server, id, [[0]], { cache: false })).predictions, [20]);
    }
    stop.abort();
    await Promise.all(load);
    assert.deepEqual(new Set(seen.keys()), new Set([10, 20]));
    await sendJson(server, 'POST', `/api/v1/models/${id}/rollback`, { version: 'v1' });
    const none = await sendJson(server, 'POST', `/api/v1/models/${id}/rollback`);
    await assertError(none, 400, 'REQUEST_INVALID');
  });

  it('keeps aliases, and an upload that does not take over', async () => {
    const { id } = await uploadModel(server, 'canary', treeRegressor(1));
    const next = await uploadModel(server, 'canary', treeRegressor(2), { default: 'false' });
    assert.deepEqual([next.version, next.aliases], [2, []]);
    const url = `/api/v1/models/${id}/aliases`;
    assert.equal((await sendJson(server, 'PUT', `${url}/canary`, { version: 2 })).status, 200);
    const query = '?version=canary';
    assert.deepEqual((await predictRows(server, id, [[0]], { query })).predictions, [20]);
    assert.deepEqual((await predictRows(server, id, [[0]])).predictions, [10]);
    assert.deepEqual(
      (await getJson<ModelVersion>(server, `/api/v1/models/${id}${query}`)).aliases,
      ['canary'],
    );
    assert.equal((await sendJson(server, 'DELETE', `${url}/canary`)).status, 204);
    await assertError(await server.fetch(`/api/v1/models/${id}${query}`), 404, 'MODEL_NOT_FOUND');
    await assertError(await sendJson(server, 'DELETE', `${url}/default`), 400, 'REQUEST_INVALID');
    await assertError(
      await sendJson(server, 'PUT', `${url}/3`, { version: 2 }),
      400,
      'REQUEST_INVALID',
    );
  });

  it('changes description and metadata, deletes softly and restores', async () => {
    const { id, updated_at } = await uploadModel(server, 'changing', treeRegressor());
    const change = { description: 'New.', metadata: { owner: 'team' } };
    const changed = (await (
      await sendJson(server, 'PATCH', `/api/v1/models/${id}`, change)
    ).json()) as ModelVersion;
    assert.deepEqual([changed.description, changed.metadata], ['New.', { owner: 'team' }]);
    assert.ok(changed.updated_at >= updated_at);
    const text = { metadata: { text: '\\u0000' } };
    const kept = await sendJson(server, 'PATCH', `/api/v1/models/${id}`, text);
    assert.deepEqual(((await kept.json()) as ModelVersion).metadata, text.metadata);
    for (const odd of ['a\u0000b', 'a\ud800b'])
      await assertError(
        await sendJson(server, 'PATCH', `/api/v1/models/${id}`, { metadata: { odd } }),
        400,
        'REQUEST_INVALID',
      );
    await assertError(
      await sendJson(server, 'PATCH', `/api/v1/models/${id}`, {}),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await sendJson(server, 'PATCH', `/api/v1/models/${id}`, { name: 'x' }),
      400,
      'REQUEST_INVALID',
    );
    assert.equal((await sendJson(server, 'DELETE', `/api/v1/models/${id}`)).status, 204);
    const listed = await getJson<List>(server, '/api/v1/models?name=changing');
    assert.equal(listed.items.length, 0);
    const archived = await getJson<List>(server, '/api/v1/models?name=changing&status=archived');
    assert.deepEqual(
      archived.items.map(({ status }) => status),
      ['archived'],
    );
    await assertError(await sendModel(server, 'changing', treeRegressor()), 410, 'MODEL_ARCHIVED');
    await sendJson(server, 'PATCH', `/api/v1/models/${id}`, { status: 'active' });
    assert.equal((await uploadModel(server, 'changing', treeRegressor())).version, 2);
  });

  it('writes into the audit log what was changed, version by version', async () => {
    const { id, sha256 } = await uploadModel(server, 'audited', treeRegressor());
    const second = await uploadModel(server, 'audited', treeRegressor(2));
    const path = `/api/v1/models/${id}`;
    await sendJson(server, 'PATCH', `${path}?version=1`, { status: 'deprecated', metadata: {} });
    await sendJson(server, 'PUT', `${path}/aliases/canary`, { version: 2 });
    await sendJson(server, 'POST', `${path}/rollback`, {});
    await sendJson(server, 'DELETE', `${path}?version=2`);
    const read = async () =>
      (await getJson<{ items: Change[] }>(server, `/api/v1/audit-log?target=${id}`)).items;
    await until('the audit log', async () => (await read()).length === 6);
    // An entry is written after its answer, so two of them may change places.
    const key = ({ action, details }: Change) => `${action} ${String(details['version'])}`;
    const found = (await read()).map(({ action, details }) => ({ action, details }));
    assert.deepEqual(
      found.toSorted((one, other) => (key(one) < key(other) ? -1 : 1)),
      [
        { action: 'DELETE /api/v1/models/:id', details: { version: '2', purge: false } },
        {
          action: 'PATCH /api/v1/models/:id',
          details: { version: '1', status: 'deprecated', fields: ['metadata'] },
        },
        { action: 'POST /api/v1/models/:id/rollback', details: { version: 1 } },
        {
          action: 'POST /api/v1/models/upload',
          details: { model: 'audited', version: 1, sha256 },
        },
        {
          action: 'POST /api/v1/models/upload',
          details: { model: 'audited', version: 2, sha256: second.sha256 },
        },
        {
          action: 'PUT /api/v1/models/:id/aliases/:alias',
          details: { alias: 'canary', version: 2 },
        },
      ],
    );
  });

  it('pages through models and versions, each once', async () => {
    for (let i = 0; i < 5; i += 1) await uploadModel(server, `paged-${i}`, treeRegressor());
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const more: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const page: List = await getJson(
        server,
        `/api/v1/models?limit=2&name=paged-&format=onnx${more}`,
      );
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next_cursor;
    }
    assert.deepEqual(names, ['paged-4', 'paged-3', 'paged-2', 'paged-1', 'paged-0']);
    const [busy] = (await getJson<List>(server, '/api/v1/models?name=busy')).items;
    const numbers: number[] = [];
    for (let next: string | null = ''; next !== null;) {
      const more: string = next && `&cursor=${next}`;
      const page: List = await getJson(
        server,
        `/api/v1/models/${busy?.id}/versions?limit=7${more}`,
      );
      numbers.push(...page.items.map(({ version }) => version));
      next = page.next_cursor;
    }
    assert.deepEqual(
      numbers,
      Array.from({ length: 20 }, (_, i) => 20 - i),
    );
    assert.equal((await getJson<List>(server, '/api/v1/models?format=sklearn')).items.length, 0);
    await assertError(await server.fetch('/api/v1/models?cursor=nonsense'), 400, 'REQUEST_INVALID');
  });

  it('says what is wrong with the form', async () => {
    await assertError(await sendModel(server, 'Bad Name', treeRegressor()), 400, 'REQUEST_INVALID');
    await assertError(
      await sendModel(server, 'bad-json', treeRegressor(), { metadata: '{' }),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await sendModel(server, 'bad-nul', treeRegressor(), { metadata: '{"a":"\\u0000"}' }),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await sendModel(server, 'bad-field', treeRegressor(), { colour: 'red' }),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await sendModel(server, 'bad-features', treeRegressor(), {
        metadata: '{"features":["a","b"]}',
      }),
      422,
      'MODEL_INVALID',
    );
    const empty = new FormData();
    empty.set('name', 'empty');
    const response = await server.fetch('/api/v1/models/upload', { method: 'POST', body: empty });
    await assertError(response, 400, 'REQUEST_INVALID');
    const json = await sendJson(server, 'POST', '/api/v1/models/upload', { name: 'x' });
    assert.ok([400, 415].includes(json.status));
    await json.body?.cancel();
  });

  it('an upload that is cut off leaves nothing behind', async () => {
    const boundary = 'x-boundary';
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.onnx"\r\n\r\n`;
    const abort = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(head));
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const sent = server.fetch('/api/v1/models/upload', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body,
      signal: abort.signal,
      duplex: 'half',
    });
    const staging = join(server.dataDirectory, 'models/.staging');
    const left = async (): Promise<number> => (await readdir(staging).catch(() => [])).length;
    const { until } = await import('../support/server.ts');
    await until('the upload to begin', async () => (await left()) === 1);
    abort.abort();
    await assert.rejects(sent);
    await until('the clean-up', async () => (await left()) === 0);
    assert.equal((await stat(staging)).isDirectory(), true);
  });
});
