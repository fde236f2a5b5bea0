import assert from 'node:assert/strict';
import test from 'node:test';
import { Analytics } from '../../src/analytics/analytics.ts';
import { PredictionDrift } from '../../src/db/prediction-drift.ts';
import { PredictionRollups } from '../../src/db/prediction-rollups.ts';
import { PredictionSums } from '../../src/db/prediction-sums.ts';
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
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const features = ['same', 'moved', 'constant', 'holes', 'colour'];

/** Four hundred rows an hour, in predictions of four rows. */
function predictionsOf(hour: number, shift: number, colours: readonly string[]) {
  const random = seededRandom(hour + 100);
  return Array.from({ length: 100 }, () => {
    const row = () => [
      normal(random),
      normal(random) + shift,
      3,
      random() < 0.1 + shift / 4 ? null : normal(random),
      colours[Math.floor(random() * colours.length)] ?? null,
    ];
    const at = new Date(hoursAgo(hour).getTime() + random() * 3_599_000);
    return predictionAt(at, { inputs: [row(), row(), row(), row()], features, rows: 4 });
  });
}

/** The formula of docs/analytics.md once more, on plain counts. */
function psi(bins: readonly { baseline: number; current: number }[]): number {
  const sum = (pick: (bin: { baseline: number; current: number }) => number) =>
    bins.reduce((total, bin) => total + pick(bin), 0);
  const [nb, nc] = [sum(({ baseline }) => baseline), sum(({ current }) => current)];
  return sum(({ baseline, current }) => {
    const b = (baseline + 0.5) / (nb + bins.length / 2);
    const c = (current + 0.5) / (nc + bins.length / 2);
    return (c - b) * Math.log(c / b);
  });
}

test('what moved is found, what did not is stable, and PSI is what the formula says', async (t) => {
  for (const server of await everyServer(t)) {
    await t.test(server.name, async (t) => {
      const database = await testDatabase(t, server);
      const predictions = predictionTable(database);
      for (const hour of [9, 8, 7, 6])
        await predictions.insert(textsOf(predictionsOf(hour, 0, ['red', 'green', 'blue', 'blue'])));
      for (const hour of [4, 3, 2, 1])
        await predictions.insert(
          textsOf(predictionsOf(hour, 1, ['red', 'green', 'green', 'green', 'black'])),
        );
      await new PredictionRollups(database).refresh();
      const analytics = new Analytics({
        predictions,
        sums: new PredictionSums(database),
        drift: new PredictionDrift(database),
      });
      const { drift } = await analytics.model(
        null,
        someModel,
        {
          from: hoursAgo(4).toISOString(),
          to: now.toISOString(),
          baseline_from: hoursAgo(9).toISOString(),
          baseline_to: hoursAgo(5).toISOString(),
        },
        now,
      );
      assert.ok(drift);
      assert.equal(drift.baseline_predictions, 400);
      assert.equal(drift.current_predictions, 400);
      const found = new Map(drift.features.map((feature) => [feature.feature, feature]));
      assert.deepEqual([...found.keys()].toSorted(), features.toSorted());
      for (const feature of found.values())
        assert.ok(Math.abs((feature.psi ?? Number.NaN) - psi(feature.bins)) < 1e-9);
      assert.equal(found.get('same')?.level, 'stable');
      assert.equal(found.get('constant')?.psi, 0);
      assert.equal(found.get('moved')?.level, 'major');
      assert.equal(found.get('colour')?.level, 'major');
      assert.ok(found.get('holes')?.bins.some(({ label }) => label === '(missing)'));
      // A normal distribution that moves by one deviation: Σ (c − b) ln(c / b) over deciles is 0.9.
      assert.ok(Math.abs((found.get('moved')?.psi ?? 0) - 0.9) < 0.15);
      const moved = found.get('moved')?.bins ?? [];
      assert.equal(moved.length, 10);
      for (const { baseline } of moved) assert.ok(Math.abs(baseline - 160) <= 1, 'deciles');
      const colours = found.get('colour')?.bins.map(({ label }) => label);
      assert.deepEqual(colours?.toSorted(), ['(other)', 'blue', 'green', 'red']);
    });
  }
});
