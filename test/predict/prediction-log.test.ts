import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { sql } from 'kysely';
import { OpenSegment } from '../../src/db/journal-segment.ts';
import { Database } from '../../src/db/database.ts';
import { Journal } from '../../src/db/journal.ts';
import type { PredictionText } from '../../src/db/predictions.ts';
import type { PredictionRecord } from '../../src/predict/prediction-record.ts';
import { PredictionRollups } from '../../src/db/prediction-rollups.ts';
import {
  JournaledPredictions,
  journaledPrediction,
  type PredictionSink,
} from '../../src/predict/journaled-predictions.ts';
import {
  embeddedServer,
  everyServer,
  temporaryDirectory,
  testDatabase,
  testSource,
} from '../support/postgres.ts';
import { predictionAt, predictionTable, textsOf } from '../support/predictions.ts';
import { until } from '../support/server.ts';

async function openLog(
  t: TestContext,
  sink: PredictionSink,
  settings: { directory?: string; maxBytes?: number; patienceMs?: number } = {},
) {
  const directory = settings.directory ?? (await temporaryDirectory());
  const journal = await Journal.open<PredictionText, PredictionRecord>({
    directory,
    maxBytes: settings.maxBytes ?? 64e6,
    segmentBytes: 524_288,
    parse: journaledPrediction,
  });
  t.after(() => journal.close());
  const { patienceMs = 1_000 } = settings;
  return new JournaledPredictions({ journal, sink, patienceMs });
}

async function storedIds(database: Database): Promise<Set<string>> {
  const { rows } = await database.query((db) =>
    sql<{ id: string }>`select id from predictions`.execute(db),
  );
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  return new Set(rows.map(({ id }) => id));
}

test('what is recorded can be read back as it was, and replays change nothing', async (t) => {
  for (const server of await everyServer(t)) {
    await t.test(server.name, async (t) => {
      const table = predictionTable(await testDatabase(t, server));
      const log = await openLog(t, table);
      const plain = predictionAt(new Date());
      const failed = predictionAt(new Date(Date.now() - 3 * 86_400_000), {
        ok: false,
        errorCode: 'REQUEST_INVALID',
        version: null,
        inputs: [],
        features: [],
        outputs: [],
        ownerId: '0b4f9a0e-0000-4000-8000-000000000001',
      });
      await Promise.all([log.record(plain), log.record(failed)]);
      await log.flush();
      await table.insert(textsOf([plain, failed, plain]));
      const found = await table.get(plain.id, null);
      assert.ok(found);
      const { latency, confidence, ...rest } = found;
      const { latency: wasLatency, confidence: wasConfidence, ...was } = plain;
      assert.deepEqual(rest, was);
      assert.ok(Math.abs(latency.totalMs - wasLatency.totalMs) < 1e-6);
      assert.ok(Math.abs((confidence?.[0] ?? 0) - (wasConfidence?.[0] ?? 1)) < 1e-6);
      assert.equal(await table.get(plain.id, failed.ownerId), undefined, "another's is not found");
      assert.equal((await table.get(failed.id, failed.ownerId))?.version, null);
      assert.deepEqual(log.stats, {
        recorded: 2,
        late: 0,
        dropped: 0,
        written: 2,
        rejected: 0,
        waitingBytes: 0,
      });
    });
  }
});

test('lists are filtered, newest first, page by page', async (t) => {
  const table = predictionTable(await testDatabase(t));
  const start = Date.UTC(2026, 0, 1);
  const other = '6f1d9a52-58c4-4c1c-9a53-000000000002';
  const predictions = Array.from({ length: 25 }, (_, n) =>
    predictionAt(new Date(start + n * 3_600_000), {
      ok: n % 5 !== 0,
      ...(n % 5 === 0 ? { errorCode: 'QUEUE_FULL' } : {}),
      version: 1 + (n % 2),
      ...(n % 3 === 0 ? { modelId: other } : {}),
    }),
  );
  await table.insert(textsOf(predictions));
  const hours: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await table.list({ ownerId: null, limit: 10, cursor });
    hours.push(...page.items.map(({ at }) => (at.getTime() - start) / 3_600_000));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(
    hours,
    Array.from({ length: 25 }, (_, n) => 24 - n),
  );
  const count = async (filter: object) =>
    (await table.list({ ownerId: null, limit: 100, ...filter })).items.length;
  assert.equal(await count({ ok: false }), 5);
  assert.equal(await count({ ok: true, version: 2 }), 10);
  assert.equal(await count({ modelId: other }), 9);
  assert.equal(
    await count({ from: new Date(start + 5 * 3_600_000), to: new Date(start + 8 * 3_600_000) }),
    3,
  );
  assert.equal(await count({ ownerId: other }), 0);
});

test('kill -9 at any moment loses no acknowledged prediction and counts none twice', async (t) => {
  const source = await testSource(t);
  const target = JSON.stringify(await source.start(AbortSignal.timeout(1_000)));
  const database = new Database({ source });
  t.after(() => database.close());
  database.start();
  await database.ready(60_000);
  const directory = await temporaryDirectory();
  const acknowledged = new Set<string>();
  for (const more of [40, 110, 25, 180, 70]) {
    const before = acknowledged.size;
    const child = fork(new URL('fixtures/prediction-writer.ts', import.meta.url), [
      directory,
      target,
    ]);
    child.on('message', (id) => acknowledged.add(id as string));
    // Looked at now and then only: the kill comes at no special moment.
    await until('some records', () => acknowledged.size >= before + more);
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  const table = predictionTable(database);
  const log = await openLog(t, table, { directory });
  await log.flush();
  const stored = await storedIds(database);
  const lost = [...acknowledged].filter((id) => !stored.has(id));
  t.diagnostic(`5 kills: ${acknowledged.size} acknowledged, ${stored.size} stored`);
  assert.ok(acknowledged.size >= 425);
  assert.deepEqual(lost, []);
  const rollups = new PredictionRollups(database);
  await rollups.refresh();
  const { rows } = await database.query((db) =>
    sql<{ n: string }>`select sum(requests) as n from prediction_totals where minutes = 60`.execute(
      db,
    ),
  );
  assert.equal(Number(rows[0]?.n), stored.size, 'the sums count each once');
});

/** Every process of the server that the database is on: backends of this database, and their parent. */
async function serverPids(database: Database): Promise<number[]> {
  const { rows } = await database.query((db) =>
    sql<{ pid: number; folder: string }>`select pid, current_setting('data_directory') as folder
      from pg_stat_activity where datname = current_database()`.execute(db),
  );
  const file = readFileSync(join(rows[0]?.folder ?? '', 'postmaster.pid'), 'utf8');
  return [Number.parseInt(file, 10), ...rows.map(({ pid }) => pid)];
}

test('a database that hangs slows no prediction, and gets everything when it goes on', async (t) => {
  const database = new Database({
    source: await testSource(t, await embeddedServer()),
    statementTimeoutMs: 1_000,
    connectTimeoutMs: 500,
  });
  t.after(() => database.close());
  database.start();
  await database.ready(60_000);
  const table = predictionTable(database);
  const log = await openLog(t, table);
  await log.record(predictionAt(new Date()));
  await log.flush();
  const pids = await serverPids(database);
  const signal = (name: NodeJS.Signals) => pids.forEach((pid) => process.kill(pid, name));
  signal('SIGSTOP');
  const times: number[] = [];
  try {
    const hanging = log.flush().catch((error: unknown) => error);
    for (let n = 0; n < 500; n++) {
      const started = performance.now();
      await log.record(predictionAt(new Date()));
      times.push(performance.now() - started);
    }
    const second = log.flush().catch((error: unknown) => error);
    for (let n = 0; n < 500; n++) await log.record(predictionAt(new Date()));
    for (const failure of await Promise.all([hanging, second])) assert.ok(failure instanceof Error);
  } finally {
    signal('SIGCONT');
  }
  times.sort((a, b) => a - b);
  t.diagnostic(
    `with a hanging database: median ${times[250]?.toFixed(2)} ms, p99 ${times[495]?.toFixed(2)} ms`,
  );
  assert.ok((times[495] ?? Infinity) < 1_000);
  await until('the database', () =>
    log.flush().then(
      () => log.stats.written === 1_001,
      () => false,
    ),
  );
  assert.equal((await storedIds(database)).size, 1_001);
  assert.equal(log.stats.dropped, 0);
});

test('when the journal is full predictions are answered, counted as dropped, and the rest is kept', async (t) => {
  const kept: string[] = [];
  let away = true;
  const sink: PredictionSink = {
    insert: async (records) => {
      if (away) throw new Error('away'); // never asked while it is: nothing is flushed
      kept.push(...records.map(({ id }) => id));
      await Promise.resolve();
    },
  };
  const log = await openLog(t, sink, { maxBytes: 20_000 });
  const records = Array.from({ length: 100 }, () => predictionAt(new Date()));
  for (const record of records) await log.record(record);
  const { recorded, dropped } = log.stats;
  assert.equal(recorded + dropped, 100);
  assert.ok(dropped > 10 && recorded > 10);
  away = false;
  await log.flush();
  assert.deepEqual(
    kept,
    records.slice(0, recorded).map(({ id }) => id),
  );
  await log.record(predictionAt(new Date()));
  assert.equal(log.stats.recorded, recorded + 1);
});

test('text that PostgreSQL cannot hold is mended; a record it refuses holds up no other', async (t) => {
  const database = await testDatabase(t);
  const table = predictionTable(database);
  const log = await openLog(t, table);
  const odd = predictionAt(new Date(), {
    inputs: [['nul \0', 'half \uD800', '\\u0000']],
    outputs: [{ 'key\0': 'x' }],
    predictedClasses: { 'class \0': 1 },
  });
  const refused = { ...predictionAt(new Date()), rows: -1 };
  const good = Array.from({ length: 20 }, () => predictionAt(new Date()));
  for (const record of [...good.slice(0, 10), refused, odd, ...good.slice(10)])
    await log.record(record);
  await log.flush();
  assert.deepEqual((await table.get(odd.id, null))?.inputs, [
    ['nul \uFFFD', 'half \uFFFD', '\\u0000'],
  ]);
  assert.equal(await table.get(refused.id, null), undefined);
  assert.equal((await storedIds(database)).size, 21);
  assert.equal(log.stats.rejected, 1);
});

test('sixteen at once share syncs', async (t) => {
  const syncs = t.mock.method(OpenSegment.prototype, 'append').mock;
  const log = await openLog(t, { insert: () => Promise.resolve() });
  const write = async (count: number) => {
    for (let n = 0; n < count; n += 1) await log.record(predictionAt(new Date()));
  };
  const syncsOf = async (lanes: number, each: number) => {
    const before = syncs.callCount();
    await Promise.all(Array.from({ length: lanes }, () => write(each)));
    return syncs.callCount() - before;
  };
  const [one, sixteen] = [await syncsOf(1, 200), await syncsOf(16, 200)];
  t.diagnostic(`writes of 200 records one at a time: ${one}; of 3,200 by sixteen: ${sixteen}`);
  assert.equal(one, 200);
  assert.ok(sixteen <= 800, `${sixteen} writes`);
  assert.deepEqual([log.stats.recorded, log.stats.dropped], [3_400, 0]);
});
