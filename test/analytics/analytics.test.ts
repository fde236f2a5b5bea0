import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { sql } from 'kysely';
import { Analytics } from '../../src/analytics/analytics.ts';
import type { Database } from '../../src/db/database.ts';
import { PredictionDrift } from '../../src/db/prediction-drift.ts';
import { PredictionRollups } from '../../src/db/prediction-rollups.ts';
import { PredictionSums } from '../../src/db/prediction-sums.ts';
import type { StoredPrediction } from '../../src/db/stored-prediction.ts';
import { everyServer, testDatabase } from '../support/postgres.ts';
import {
  normal,
  predictionAt,
  predictionTable,
  seededRandom,
  someModel,
  textsOf,
} from '../support/predictions.ts';

const now = new Date('2026-03-10T12:00:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

function analyticsOn(database: Database) {
  const predictions = predictionTable(database);
  const rollups = new PredictionRollups(database);
  const analytics = new Analytics({
    predictions,
    sums: new PredictionSums(database),
    drift: new PredictionDrift(database),
  });
  const add = async (records: readonly StoredPrediction[]) => {
    for (let at = 0; at < records.length; at += 1000)
      await predictions.insert(textsOf(records.slice(at, at + 1000)));
  };
  return { analytics, rollups, add };
}

/** Six hours of predictions, lognormal latencies, five in a hundred of them failures. */
function mixedPredictions(count: number): StoredPrediction[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => {
    const at = ago(random() * 360);
    if (random() < 0.05)
      return predictionAt(at, {
        ok: false,
        errorCode: 'WORKER_LOST',
        predictedClasses: {},
        confidence: [],
      });
    const inferenceMs = Math.exp(normal(random));
    const queueMs = 0.05 * Math.exp(2 * normal(random));
    const cached = random() < 0.2;
    return predictionAt(at, {
      cached,
      latency: {
        queueMs,
        loadMs: random() < 0.2 ? 80 + 10 * normal(random) : 0,
        inferenceMs: cached ? 0 : inferenceMs,
        totalMs: queueMs + inferenceMs + 0.3,
      },
      confidence: [random()],
      predictedClasses: random() < 0.75 ? { yes: 1 } : { no: 1 },
    });
  });
}

/** Percentiles as PostgreSQL computes them from every single value, interpolated or not. */
async function exactPercentiles(
  database: Database,
  kind: 'percentile_cont' | 'percentile_disc',
  column: string,
  condition: string,
) {
  const found = await database.query((db) =>
    sql<{ p: number[] }>`select ${sql.raw(kind)}(array[0.5, 0.95, 0.99])
      within group (order by ${sql.ref(column)}) as p from predictions
      where ok and ${sql.raw(condition)}`.execute(db),
  );
  return found.rows[0]?.p ?? [];
}

async function onEveryServer(t: TestContext, work: (database: Database) => Promise<void>) {
  for (const server of await everyServer(t)) {
    await t.test(server.name, async (t) => work(await testDatabase(t, server)));
  }
}

test('totals, percentiles within 2 %, classes and confidence agree with the predictions', async (t) => {
  await onEveryServer(t, async (database) => {
    const { analytics, rollups, add } = analyticsOn(database);
    const records = mixedPredictions(20_000);
    await add(records);
    await rollups.refresh();
    const found = await analytics.model(
      null,
      someModel,
      { from: ago(360).toISOString(), to: now.toISOString() },
      now,
    );
    const failed = records.filter(({ ok }) => !ok).length;
    assert.equal(found.totals.requests, 20_000);
    assert.equal(found.totals.errors, failed);
    assert.equal(found.totals.cached, records.filter(({ cached }) => cached).length);
    assert.equal(found.series.length, 72);
    assert.equal(
      found.series.reduce((sum, { requests }) => sum + requests, 0),
      20_000,
    );
    for (const [stage, column, condition] of [
      ['total', 'total_ms', 'true'],
      ['queue', 'queue_ms', 'true'],
      ['load', 'load_ms', 'load_ms > 0'],
      ['inference', 'inference_ms', 'inference_ms > 0'],
    ] as const) {
      const shown = found.latency_ms[stage];
      assert.ok(shown);
      // A value of that very rank within the bins' 1 % (and a rounding); between two values a little more.
      for (const [kind, bound] of [
        ['percentile_disc', 0.0106],
        ['percentile_cont', 0.02],
      ] as const) {
        const exact = await exactPercentiles(database, kind, column, condition);
        const errors = [shown.p50, shown.p95, shown.p99].map((p, index) =>
          Math.abs(p / (exact[index] ?? Number.NaN) - 1),
        );
        const say = `${stage}, ${kind}: ${errors.map((error) => error.toFixed(4)).join(', ')}`;
        t.diagnostic(say);
        assert.ok(
          errors.every((error) => error <= bound),
          say,
        );
      }
    }
    const yes = records.filter(({ predictedClasses }) => predictedClasses?.['yes'] === 1).length;
    assert.deepEqual(found.classes[0], {
      label: 'yes',
      count: yes,
      share: yes / (20_000 - failed),
    });
    assert.deepEqual(found.errors, [{ label: 'WORKER_LOST', count: failed, share: 1 }]);
    assert.equal(found.confidence.length, 20);
    assert.equal(
      found.confidence.reduce((sum, { count }) => sum + count, 0),
      20_000 - failed,
    );
  });
});

test('hours and days add up to the same as five minutes', async (t) => {
  const database = await testDatabase(t);
  const { analytics, rollups, add } = analyticsOn(database);
  await add(mixedPredictions(3_000));
  await rollups.refresh();
  const [fine, hours, days] = await Promise.all(
    (['5m', '1h', '1d'] as const).map((bucket) =>
      analytics.overview(
        null,
        {
          from: ago(1440).toISOString(),
          to: now.toISOString(),
          bucket: ({ '5m': 5, '1h': 60, '1d': 1440 } as const)[bucket],
        },
        now,
      ),
    ),
  );
  assert.ok(fine && hours && days);
  assert.deepEqual(hours.totals, fine.totals);
  assert.deepEqual(hours.latency_ms, fine.latency_ms);
  assert.deepEqual(days.totals, fine.totals);
  assert.deepEqual(days.latency_ms, fine.latency_ms);
  assert.deepEqual(days.models, fine.models);
});

test('replays, late predictions and writers at once are counted once each', async (t) => {
  const database = await testDatabase(t);
  const { analytics, rollups, add } = analyticsOn(database);
  const records = mixedPredictions(2_000);
  const early = records.slice(0, 1_500);
  const rolling = Promise.all([rollups.refresh(), rollups.refresh()]);
  await Promise.all([add(early), add(early.slice(700)), rolling]);
  await rollups.refresh();
  await add(records); // replays the first ones, brings the late ones
  await Promise.all([rollups.refresh(), rollups.refresh()]);
  await rollups.refresh();
  const query = { from: ago(360).toISOString(), to: now.toISOString() };
  assert.equal((await analytics.overview(null, query, now)).totals.requests, 2_000);
});

test('each owner sees the own predictions only', async (t) => {
  const database = await testDatabase(t);
  const { analytics, rollups, add } = analyticsOn(database);
  const owner = '0b4f9a0e-0000-4000-8000-000000000001';
  await add([predictionAt(ago(10), { ownerId: owner }), predictionAt(ago(10))]);
  await add([
    predictionAt(ago(9), { ownerId: owner, ok: false, errorCode: 'QUEUE_FULL', version: null }),
  ]);
  await rollups.refresh();
  const query = { window: 60 } as const;
  assert.equal((await analytics.overview(null, query, now)).totals.requests, 1);
  const own = await analytics.overview(owner, query, now);
  assert.equal(own.totals.requests, 2);
  assert.deepEqual(new Set(own.models.map(({ version }) => version)), new Set([1, null]));
  const errors = await analytics.errors(owner, query, now);
  assert.equal(errors.items[0]?.code, 'QUEUE_FULL');
  assert.equal(errors.items[0]?.last_prediction_ids.length, 1);
  assert.deepEqual((await analytics.errors(null, query, now)).items, []);
});

test('retention drops whole days and their sums', async (t) => {
  const database = await testDatabase(t);
  const { analytics, rollups, add } = analyticsOn(database);
  await add([predictionAt(ago(5)), predictionAt(ago(3 * 1440)), predictionAt(ago(9 * 1440))]);
  await rollups.refresh();
  const { PredictionKeeper } = await import('../../src/predict/prediction-keeper.ts');
  const { PredictionPartitions } = await import('../../src/db/prediction-partitions.ts');
  const keeper = new PredictionKeeper({
    partitions: new PredictionPartitions(database),
    rollups,
    flush: () => Promise.resolve(),
    retentionMs: 5 * 86_400_000,
    onFailure: (task, error) => assert.fail(`${task}: ${String(error)}`),
  });
  await keeper.sweep(now);
  const query = { window: 43_200 } as const;
  assert.equal((await analytics.overview(null, query, now)).totals.requests, 2);
  const left = await predictionTable(database).list({ ownerId: null, limit: 10 });
  assert.equal(left.items.length, 2);
  await add([predictionAt(ago(9 * 1440 + 1))]); // a journal that waited for long
  assert.equal(
    (await predictionTable(database).list({ ownerId: null, limit: 10 })).items.length,
    3,
  );
});
