import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import type { Database } from '../../src/db/database.ts';
import { ModelAliasTable } from '../../src/db/model-aliases.ts';
import { ModelVersionTable } from '../../src/db/model-versions.ts';
import { ModelTable } from '../../src/db/models.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { ModelDirectory } from '../../src/models/model-directory.ts';
import { ModelFiles } from '../../src/models/model-files.ts';
import { importGroup, ModelImporter } from '../../src/models/model-importer.ts';
import { ModelLibrary } from '../../src/models/model-library.ts';
import { ModelMemory } from '../../src/models/model-memory.ts';
import { ModelPublisher } from '../../src/models/model-publisher.ts';
import { ModelRunner } from '../../src/predict/model-runner.ts';
import { MemoryPredictionCache } from '../../src/predict/prediction-cache.ts';
import { RecentPredictions } from '../../src/predict/prediction-record.ts';
import { VersionHolds } from '../../src/models/version-holds.ts';
import { PredictService } from '../../src/predict/predict-service.ts';
import { SampleCheck } from '../../src/predict/sample-check.ts';
import { startBareEngine } from '../support/engine.ts';
import { temporaryDirectory, testDatabase } from '../support/postgres.ts';
import { linearClassifier, treeRegressor } from '../support/tabular-models.ts';
import { cpuMilliseconds } from '../support/cpu-time.ts';

interface Parts {
  readonly database: Database;
  readonly engine: Engine;
  readonly library: ModelLibrary;
  readonly predictions: PredictService;
  readonly memory: ModelMemory;
  readonly log: RecentPredictions;
  readonly publish: (ownerId: string | null, name: string, bytes: Uint8Array) => Promise<string>;
}

/** Registry and predictions on a real database and real processes; only HTTP is missing. */
async function start(t: TestContext, mostModels = 100): Promise<Parts> {
  const database = await testDatabase(t);
  const engine = startBareEngine(t, {
    groups: {
      tabular: { workers: 1, jobsPerWorker: 4 },
      [importGroup]: { workers: 1, jobsPerWorker: 1 },
    },
  });
  const tables = {
    models: new ModelTable(database),
    versions: new ModelVersionTable(database),
    aliases: new ModelAliasTable(database),
  };
  const files = new ModelFiles(await temporaryDirectory());
  const directory = new ModelDirectory(tables);
  const log = new RecentPredictions();
  const importer = new ModelImporter({ engine, timeoutMs: 120_000, processBytes: 1e9 });
  const publisher = new ModelPublisher({
    ...tables,
    files,
    importer,
    samples: new SampleCheck(importer),
  });
  const holds = new VersionHolds();
  const predictions = new PredictService({
    directory,
    files,
    holds,
    runner: new ModelRunner({
      engine,
      processes: 1,
      timeoutMs: 120_000,
      limits: { bytes: 1e9, models: mostModels, processBytes: 2e9 },
    }),
    cache: new MemoryPredictionCache(1e6),
    log,
    maxRows: 1000,
  });
  const publish = async (
    ownerId: string | null,
    name: string,
    bytes: Uint8Array,
  ): Promise<string> => {
    const staging = await files.stage();
    await writeFile(files.stagedPath(staging, 'm.onnx'), bytes);
    staging.files.push({ name: 'm.onnx', size_bytes: bytes.length, sha256: 'ab'.repeat(32) });
    const facts = { ownerId, name, metadata: {}, makeDefault: true };
    const { model } = await publisher.publish(staging, facts);
    predictions.announce(model.id);
    return model.id;
  };
  return {
    database,
    engine,
    library: new ModelLibrary(tables, directory),
    predictions,
    memory: new ModelMemory({
      directory,
      holds,
      rows: predictions.memory,
      pictures: predictions.memory,
    }),
    log,
    publish,
  };
}

describe('PredictService', { concurrency: false }, () => {
  it('another owner finds nothing, sees nothing, and shares no cached result', async (t) => {
    const { library, predictions, memory, publish, log } = await start(t);
    const [alice, bob] = [randomUUIDv7(), randomUUIDv7()];
    const hers = await publish(alice, 'same-name', treeRegressor(1));
    const his = await publish(bob, 'same-name', treeRegressor(2));
    assert.notEqual(hers, his);
    const ask = async (modelId: string, ownerId: string | null, seesAll = false) =>
      await predictions.predict({ modelId, inputs: [[0]], cache: true }, { ownerId, seesAll });
    assert.deepEqual((await ask(hers, alice)).answer.predictions, [10]);
    const his1 = await ask(his, bob);
    assert.deepEqual([his1.answer.predictions, his1.answer.cached], [[20], false]);
    const recorded = log.entries.length;
    for (const ownerId of [bob, null]) {
      await assert.rejects(ask(hers, ownerId), { code: 'MODEL_NOT_FOUND' });
      await assert.rejects(library.show(hers, { ownerId }), { code: 'MODEL_NOT_FOUND' });
      await assert.rejects(library.archive(hers, { ownerId }), { code: 'MODEL_NOT_FOUND' });
      await assert.rejects(library.rollback(hers, { ownerId }), { code: 'MODEL_NOT_FOUND' });
      await assert.rejects(memory.load(hers, undefined, { ownerId }), {
        code: 'MODEL_NOT_FOUND',
      });
      await assert.rejects(memory.unload(hers, undefined, { ownerId }), {
        code: 'MODEL_NOT_FOUND',
      });
    }
    assert.equal(log.entries.length, recorded, 'a stranger leaves no record with the owner');
    assert.deepEqual(
      (await library.list({ ownerId: bob }, { limit: 10 })).items.map(({ id }) => id),
      [his],
    );
    assert.equal(
      (await library.list({ ownerId: null, seesAll: true }, { limit: 10 })).items.length,
      2,
    );
    assert.deepEqual((await ask(hers, null, true)).answer.predictions, [10]);
  });

  it('keeps as many models loaded as it may, the last used ones', async (t) => {
    const { predictions, publish } = await start(t, 2);
    const ids: string[] = [];
    for (let i = 1; i <= 4; i += 1) ids.push(await publish(null, `m${i}`, treeRegressor(i)));
    const loadMs = async (id: string | undefined): Promise<number> => {
      const query = { modelId: id ?? '', inputs: [[0]], cache: false };
      return (await predictions.predict(query, { ownerId: null })).latency.loadMs;
    };
    const [a, b, c] = ids;
    assert.ok((await loadMs(a)) > 0 && (await loadMs(b)) > 0);
    assert.equal(await loadMs(a), 0);
    assert.ok((await loadMs(c)) > 0, 'c takes the place of b');
    assert.equal(await loadMs(a), 0);
    assert.ok((await loadMs(b)) > 0);
    // All at once, again and again, with room for half of them: everyone is answered right.
    await Promise.all(
      Array.from({ length: 80 }, async (_, i) => {
        const query = { modelId: ids[i % 4] ?? '', inputs: [[i]], cache: false };
        const { answer } = await predictions.predict(query, { ownerId: null });
        assert.deepEqual(answer.predictions, [(i === 0 ? 10 : 20) * ((i % 4) + 1)]);
      }),
    );
  });

  it('computes the same input once, however many ask at the same time', async (t) => {
    const { engine, predictions, publish } = await start(t);
    const id = await publish(null, 'once', linearClassifier());
    const ask = async (row: number[]) =>
      await predictions.predict({ modelId: id, inputs: [row], cache: true }, { ownerId: null });
    await ask([9, 9, 9, 9]);
    const answered = (): number => engine.stats().get('tabular')?.answered ?? 0;
    const before = answered();
    const all = await Promise.all(Array.from({ length: 50 }, () => ask([1, 2, 3, 4])));
    assert.equal(answered() - before, 1);
    assert.equal(new Set(all.map(({ answer }) => JSON.stringify(answer.probabilities))).size, 1);
  });

  it('goes on without the database, for models that were used before', async (t) => {
    const { database, library, predictions, publish } = await start(t);
    const id = await publish(null, 'outage', treeRegressor());
    const ask = async (row: number) =>
      await predictions.predict({ modelId: id, inputs: [[row]], cache: false }, { ownerId: null });
    await ask(0);
    await database.close();
    for (let i = 0; i < 20; i += 1) assert.deepEqual((await ask(1)).answer.predictions, [20]);
    await assert.rejects(library.show(id, { ownerId: null }), { code: 'DATABASE_UNAVAILABLE' });
    await assert.rejects(publish(null, 'outage', treeRegressor()), {
      code: 'DATABASE_UNAVAILABLE',
    });
  });

  it('drops the work of callers who have left', async (t) => {
    const { predictions, publish, log } = await start(t);
    const id = await publish(null, 'left', treeRegressor());
    const signal = AbortSignal.abort();
    const query = { modelId: id, inputs: [[1]], cache: false };
    await assert.rejects(predictions.predict(query, { ownerId: null, signal }), {
      code: 'REQUEST_CANCELLED',
    });
    assert.equal(log.entries.at(-1)?.errorCode, 'REQUEST_CANCELLED');
  });

  it('records inputs, outputs, classes and where the time went', async (t) => {
    const { predictions, publish, log } = await start(t);
    const id = await publish(null, 'recorded', linearClassifier());
    const inputs = Array.from({ length: 40 }, (_, i) => [i % 2 ? 5 : 0, 0, i % 2 ? 0 : 5, 1]);
    await predictions.predict({ modelId: id, inputs, cache: true }, { ownerId: null });
    const entry = log.entries.at(-1);
    assert.ok(entry?.ok && entry.modelId === id && entry.version === 1 && entry.rows === 40);
    assert.deepEqual(entry.predictedClasses, { virginica: 20, setosa: 20 });
    assert.equal(entry.inputs.length, 16);
    assert.deepEqual(entry.inputs[1], [5, 0, 0, 1]);
    assert.deepEqual(entry.features, ['X[0]', 'X[1]', 'X[2]', 'X[3]']);
    assert.equal(entry.confidence?.length, 16);
    const { queueMs, loadMs, inferenceMs, totalMs } = entry.latency;
    assert.ok(loadMs > 0 && inferenceMs > 0 && totalMs >= queueMs + inferenceMs);
  });

  it('reads 150,000 numbers in a few milliseconds', async (t) => {
    const { encodeRows } = await import('../../src/predict/encode-rows.ts');
    const { rowLayout } = await import('../../src/predict/row-layout.ts');
    const layout = rowLayout(
      { inputs: [{ name: 'X', dtype: 'float32', shape: [null, 150] }], outputs: [] },
      true,
    );
    const rows = Array.from({ length: 1000 }, (_, i) =>
      Array.from({ length: 150 }, (_, j) => i + j / 7),
    );
    for (let i = 0; i < 5; i += 1) encodeRows(layout, rows);
    const times = Array.from({ length: 9 }, () => {
      const started = cpuMilliseconds();
      encodeRows(layout, rows);
      return cpuMilliseconds() - started;
    }).sort((a, b) => a - b);
    t.diagnostic(`${times[4]?.toFixed(1)} ms`);
    assert.ok((times[0] ?? 99) < 10, `${times[0]} ms`);
  });
});
