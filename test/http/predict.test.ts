import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Prediction } from '../../src/protocol/prediction.ts';
import { assertError, startTestServer, until, type TestServer } from '../support/server.ts';
import {
  batchNormaliser,
  endlessModel,
  fixedBatch,
  heavyModel,
  inflatingModel,
  linearClassifier,
  mixedModel,
  textModel,
  treeRegressor,
} from '../support/tabular-models.ts';
import { predictRows, sendJson, sendRows, uploadModel } from '../support/user-models.ts';

const close = (a: number | null | undefined, b: number): void =>
  assert.ok(Math.abs((a ?? Number.NaN) - b) < 1e-6, `${a} is not ${b}`);

describe('predict', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({
      FOVEA_REQUEST_TIMEOUT: '10s',
      FOVEA_TABULAR_WORKERS: '1',
      FOVEA_MODEL_CACHE: '64MiB',
      FOVEA_WORKER_MEMORY: '512MiB',
    });
  });
  after(async () => await server.close());

  it('answers class, probabilities by class and confidence per row', async () => {
    const { id } = await uploadModel(server, 'iris', linearClassifier());
    const answer = await predictRows(server, id, [
      [3, 1, 2, 0],
      [0, 0, 5, 9],
    ]);
    assert.deepEqual(answer.model, { id, name: 'iris', version: 1 });
    assert.deepEqual(answer.predictions, ['setosa', 'virginica']);
    const total = Math.exp(3) + Math.exp(1) + Math.exp(2);
    close(Number(answer.probabilities?.[0]?.['setosa']), Math.exp(3) / total);
    close(Number(answer.probabilities?.[0]?.['versicolor']), Math.exp(1) / total);
    close(answer.confidence?.[0], Math.exp(3) / total);
    assert.ok(answer.inference_time_ms > 0 && answer.total_time_ms >= answer.inference_time_ms);
    assert.equal(answer.cached, false);
  });

  it('gives the same with ZipMap, and takes records by feature name', async () => {
    const features = ['sepal length', 'sepal width', 'petal length', 'petal width'];
    const metadata = JSON.stringify({ features });
    const zipped = await uploadModel(server, 'zipped', linearClassifier({ zipmap: true }), {
      metadata,
    });
    assert.equal(zipped.report['zipmap_removed'], true);
    assert.deepEqual(zipped.signature.inputs[0]?.features, features);
    const plain = await uploadModel(server, 'plain', linearClassifier());
    const record = Object.fromEntries(features.map((name, index) => [name, index + 0.5]));
    const a = await predictRows(server, zipped.id, [record]);
    const b = await predictRows(server, plain.id, [[0.5, 1.5, 2.5, 3.5]]);
    assert.deepEqual(a.probabilities, b.probabilities);
    assert.deepEqual(a.predictions, b.predictions);
  });

  it('runs trees, several typed inputs, text, fixed batches and rows that depend on each other', async () => {
    const tree = await uploadModel(server, 'tree', treeRegressor());
    assert.deepEqual((await predictRows(server, tree.id, [0.1, [0.9]])).predictions, [10, 20]);
    const mixed = await uploadModel(server, 'mixed', mixedModel());
    const rows = [
      { size: 1.5, colour: 'red', count: '9007199254740993', flag: true },
      [2, 'green', 3, false],
    ];
    assert.deepEqual((await predictRows(server, mixed.id, rows)).predictions[1], {
      total: 7,
      same: 3,
    });
    const [big] = (await predictRows(server, mixed.id, rows)).predictions as { same: unknown }[];
    assert.equal(big?.same, '9007199254740993');
    const text = await uploadModel(server, 'text', textModel());
    assert.deepEqual((await predictRows(server, text.id, ['no', 'maybe'])).predictions, [2, -1]);
    const fixed = await uploadModel(server, 'fixed', fixedBatch());
    assert.equal(fixed.batching, 'single');
    assert.deepEqual(
      (
        await predictRows(server, fixed.id, [
          [1, 2, 3],
          [4, 5, 6],
        ])
      ).predictions,
      [
        [2, 4, 6],
        [8, 10, 12],
      ],
    );
    const norm = await uploadModel(server, 'norm', batchNormaliser());
    assert.equal(norm.batching, 'none', 'rows of a batch that see each other must not be mixed');
    assert.deepEqual(
      (
        await predictRows(server, norm.id, [
          [1, 2],
          [3, 6],
        ])
      ).predictions,
      [
        [-1, -2],
        [1, 2],
      ],
    );
  });

  it('names row and column of every mistake, all at once', async () => {
    const metadata = JSON.stringify({ features: ['a', 'b', 'c', 'd'] });
    const { id } = await uploadModel(server, 'strict', linearClassifier(), { metadata });
    const rows = [
      [1, 2, 3, 4],
      [1, null, 3, 4],
      { a: 1, b: 2, c: 'x', e: 5 },
      [1, 2],
      [1e39, 2, 3, 4],
    ];
    const error = await assertError(await sendRows(server, id, rows), 422, 'PREDICT_INPUT_INVALID');
    const mistakes = error.details['mistakes'] as {
      row: number;
      column: unknown;
      message: string;
    }[];
    assert.deepEqual(
      mistakes.map(({ row, column }) => [row, column]),
      [
        [1, 'b'],
        [2, 'c'],
        [2, 'e'],
        [2, 'd'],
        [3, null],
        [4, 'a'],
      ],
    );
    assert.match(mistakes[0]?.message ?? '', /null \(NaN\)/);
    assert.equal(error.details['row'], 1);
    assert.equal(error.details['column'], 'b');
    const mixed = await uploadModel(server, 'typed', mixedModel());
    const typed = await sendRows(server, mixed.id, [[1, 2, 3.5, 'yes']]);
    const wrong = (await assertError(typed, 422, 'PREDICT_INPUT_INVALID')).details['mistakes'];
    assert.deepEqual(
      (wrong as { column: string }[]).map(({ column }) => column),
      ['colour', 'count', 'flag'],
    );
    await assertError(await sendRows(server, id, []), 400, 'REQUEST_INVALID');
    await assertError(await sendRows(server, id, 'rows'), 400, 'REQUEST_INVALID');
    await assertError(
      await sendRows(
        server,
        id,
        Array.from({ length: 10_001 }, () => [1, 2, 3, 4]),
      ),
      400,
      'REQUEST_INVALID',
    );
  });

  it('lets null stand for a missing value only where the model says so', async () => {
    const metadata = JSON.stringify({ nullable: true });
    const { id } = await uploadModel(server, 'nullable', treeRegressor(), { metadata });
    assert.deepEqual((await predictRows(server, id, [[null]])).predictions, [20]);
  });

  it('answers what it answered before from the cache, unless told not to', async () => {
    const { id } = await uploadModel(server, 'cached', linearClassifier());
    const first = await predictRows(server, id, [[1, 2, 3, 4]]);
    const second = await predictRows(server, id, [[1, 2, 3, 4]]);
    assert.deepEqual([first.cached, second.cached], [false, true]);
    assert.deepEqual(second.probabilities, first.probabilities);
    assert.equal(second.inference_time_ms, 0);
    assert.notEqual(second.prediction_id, first.prediction_id);
    assert.equal((await predictRows(server, id, [[1, 2, 3, 4]], { cache: false })).cached, false);
    assert.equal((await predictRows(server, id, [[1, 2, 3, 4.000001]])).cached, false);
    await uploadModel(server, 'cached', linearClassifier({ scale: 2 }));
    assert.equal((await predictRows(server, id, [[1, 2, 3, 4]])).cached, false);
  });

  it('puts rows of concurrent requests through one run, each with its own answer', async () => {
    const { id, batching } = await uploadModel(server, 'many', linearClassifier());
    assert.equal(batching, 'exact');
    const alone = await predictRows(server, id, [[7, 1, 2, 3]], { cache: false });
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        predictRows(server, id, [[7, i % 10, 2, 3]], { cache: false }),
      ),
    );
    for (const [i, answer] of all.entries())
      if (i % 10 === 1) assert.deepEqual(answer.probabilities, alone.probabilities);
    assert.equal(new Set(all.map((answer) => answer.prediction_id)).size, 200);
    assert.equal(new Set(all.map((answer) => JSON.stringify(answer.probabilities))).size, 10);
  });

  it('a row that the model cannot compute fails alone', async () => {
    const { id } = await uploadModel(server, 'inflating', inflatingModel());
    await assertError(await sendRows(server, id, [-5]), 422, 'PREDICT_FAILED');
    assert.deepEqual((await predictRows(server, id, [3])).predictions, [[1, 1, 1]]);
  });

  it('answers 410 when archived, a Deprecation header when deprecated', async () => {
    const { id } = await uploadModel(server, 'ageing', treeRegressor());
    await sendJson(server, 'PATCH', `/api/v1/models/${id}`, { status: 'deprecated' });
    const old = await sendRows(server, id, [[1]]);
    assert.deepEqual([old.status, old.headers.get('deprecation')], [200, 'true']);
    await sendJson(server, 'DELETE', `/api/v1/models/${id}`);
    await assertError(await sendRows(server, id, [[1]]), 410, 'MODEL_ARCHIVED');
    await sendJson(server, 'PATCH', `/api/v1/models/${id}`, { status: 'active' });
    assert.equal((await sendRows(server, id, [[1]])).headers.get('deprecation'), null);
    await uploadModel(server, 'ageing', treeRegressor(2));
    await sendJson(server, 'PATCH', `/api/v1/models/${id}?version=1`, { status: 'archived' });
    const gone = await sendRows(server, id, [[1]], { query: '?version=1' });
    const { message } = await assertError(gone, 410, 'MODEL_ARCHIVED');
    assert.match(message, /restore it with PATCH \/api\/v1\/models\/\{id\}\?version=1 and/);
    assert.deepEqual((await predictRows(server, id, [[1]])).predictions, [40]);
  });

  it('takes the version from the query or the body, and no two of them', async () => {
    const { id } = await uploadModel(server, 'both-ways', treeRegressor());
    await uploadModel(server, 'both-ways', treeRegressor(2));
    const ask = async (version: unknown, query = '') =>
      await sendJson(server, 'POST', `/api/v1/predict/${id}${query}`, { inputs: [[1]], version });
    for (const [version, query] of [
      [1, ''],
      ['1', ''],
      [1, '?version=1'],
      [undefined, '?version=1'],
    ] as const) {
      const { model } = (await (await ask(version, query)).json()) as Prediction;
      assert.equal(model.version, 1, `${version} ${query}`);
    }
    for (const [version, query] of [
      [1, '?version=2'],
      [0, ''],
      [true, ''],
      ['', ''],
    ] as const)
      await assertError(await ask(version, query), 400, 'REQUEST_INVALID');
    await assertError(await ask('canary'), 404, 'MODEL_NOT_FOUND');
  });

  it('knows no model, no version and no alias that is not there', async () => {
    const { id } = await uploadModel(server, 'known', treeRegressor());
    await assertError(
      await sendRows(server, '0198c0de-0000-7000-8000-000000000000', [[1]]),
      404,
      'MODEL_NOT_FOUND',
    );
    for (const query of ['?version=2', '?version=canary', '?version=0'])
      await assertError(await sendRows(server, id, [[1]], { query }), 404, 'MODEL_NOT_FOUND');
    await assertError(await sendRows(server, 'no-uuid', [[1]]), 400, 'REQUEST_INVALID');
  });

  it('a run that never ends is stopped, costs its own request, and the model serves on', async () => {
    const { id } = await uploadModel(server, 'endless', endlessModel());
    assert.deepEqual((await predictRows(server, id, [[1]])).predictions, [1]);
    const response = await sendRows(server, id, [[99]]);
    assert.ok([503, 504].includes(response.status), String(response.status));
    assert.ok(
      ['WORKER_LOST', 'DEADLINE_EXCEEDED'].includes(
        ((await response.json()) as { error: { code: string } }).error.code,
      ),
    );
    await until(
      'the model to serve again',
      async () => (await sendRows(server, id, [[2]])).status === 200,
    );
  });

  it('a run that eats all memory ends its process, not the server', async () => {
    const { id } = await uploadModel(server, 'glutton', inflatingModel());
    await predictRows(server, id, [4]);
    // 100 GB, which the system refuses, then 6 GB, which it gives.
    await assertError(await sendRows(server, id, [25_000_000_000]), 422, 'PREDICT_FAILED');
    const { status } = await sendRows(server, id, [1_500_000_000]);
    assert.ok(
      status === 503 || status === 504,
      `${status}: neither WORKER_LOST nor, on a slow machine, DEADLINE_EXCEEDED`,
    );
    await until(
      'the model to serve again',
      async () => (await sendRows(server, id, [5])).status === 200,
    );
  });

  it('a worker killed in mid-flight costs what it held, and nothing after it', async () => {
    const { id } = await uploadModel(server, 'victim', linearClassifier());
    await predictRows(server, id, [[1, 1, 1, 1]]);
    const [worker] = server.inference.engine.stats().get('tabular')?.workers ?? [];
    assert.ok(worker?.pid !== undefined);
    process.kill(worker.pid, 'SIGSTOP');
    const work = Array.from({ length: 20 }, (_, i) => sendRows(server, id, [[i, 2, 2, 2]]));
    await until(
      'work in the worker',
      () => (server.inference.engine.stats().get('tabular')?.running ?? 0) > 0,
    );
    process.kill(worker.pid, 'SIGKILL');
    const statuses = (await Promise.all(work)).map(({ status }) => status);
    assert.ok(
      statuses.every((status) => status === 200 || status === 503),
      statuses.join(),
    );
    assert.ok(statuses.includes(503));
    assert.equal((await sendRows(server, id, [[1, 2, 3, 4]])).status, 200);
  });

  it('loads and unloads on request', async () => {
    const { id } = await uploadModel(server, 'moved', heavyModel(1e6));
    const loaded = (await (await sendJson(server, 'POST', `/api/v1/models/${id}/load`)).json()) as {
      loaded: boolean;
      load_ms: number;
    };
    assert.ok(loaded.loaded && loaded.load_ms > 0);
    assert.equal((await predictRows(server, id, [[1, 2, 3, 4]])).predictions.length, 1);
    const unloaded = (await (
      await sendJson(server, 'POST', `/api/v1/models/${id}/unload`)
    ).json()) as { loaded: boolean };
    assert.equal(unloaded.loaded, false);
    assert.equal((await predictRows(server, id, [[4, 3, 2, 1]])).predictions.length, 1);
  });

  it('records successes and failures with inputs, outputs and latency', async () => {
    const { id } = await uploadModel(server, 'logged', linearClassifier());
    const answer = await predictRows(server, id, [[1, 2, 3, 4]]);
    await sendRows(server, id, [['x']]);
    const list = async (): Promise<Record<string, unknown>[]> =>
      (
        (await (await server.fetch(`/api/v1/predictions?model_id=${id}`)).json()) as {
          items: Record<string, unknown>[];
        }
      ).items;
    await until('both records', async () => (await list()).length === 2);
    const items = await list();
    assert.equal(items.find(({ ok }) => ok === false)?.['error_code'], 'PREDICT_INPUT_INVALID');
    assert.ok(items.some((item) => Object.values(item).includes(answer.prediction_id)));
  });
});
