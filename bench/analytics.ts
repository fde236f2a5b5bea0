/** Analytics on five million predictions over ninety days: times and plans. --record writes bench/results. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import { Analytics } from '../src/analytics/analytics.ts';
import { EmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import { migrate } from '../src/db/migrate.ts';
import { PredictionDrift } from '../src/db/prediction-drift.ts';
import { PredictionPartitions } from '../src/db/prediction-partitions.ts';
import { PredictionRollups } from '../src/db/prediction-rollups.ts';
import { PredictionSums } from '../src/db/prediction-sums.ts';
import { PredictionTable } from '../src/db/predictions.ts';
import { CapturedDatabase } from './analytics/captured-database.ts';
import { loadPredictions, makePartitions, modelId } from './analytics/load.ts';
import { machine, quantile } from './machine.ts';

const COUNT = Number(process.argv.find((value) => /^\d+$/.test(value)) ?? 5_000_000);
const DAYS = 90;
const end = new Date(Math.floor(Date.now() / 300_000) * 300_000);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function seconds(what: string, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  const took = (performance.now() - started) / 1000;
  say(`${what}: ${took.toFixed(1)} s`);
  return took;
}

const directory = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
const server = new EmbeddedPostgres({
  directory,
  settings: { synchronous_commit: 'off', max_wal_size: '4GB', fsync: 'off' },
});
const database = new CapturedDatabase(await server.start(AbortSignal.timeout(60_000)));
try {
  await migrate(database.kysely);
  await makePartitions(database, DAYS, end);
  const load = await seconds(`load of ${COUNT}`, () => loadPredictions(database, COUNT, DAYS, end));
  const rollups = new PredictionRollups(database.asDatabase);
  const rolling = await seconds('all sums', () => rollups.refresh());
  await database.run('vacuum analyze');

  const table = new PredictionTable(
    database.asDatabase,
    new PredictionPartitions(database.asDatabase),
  );
  const analytics = new Analytics({
    sums: new PredictionSums(database.asDatabase),
    drift: new PredictionDrift(database.asDatabase),
    predictions: table,
  });
  const model = modelId(0);
  const day = (ago: number): string => new Date(end.getTime() - ago * 86_400_000).toISOString();
  const page = await table.list({ ownerId: null, limit: 1, to: new Date(day(40)) });
  const some = page.items[0]?.id ?? '';
  const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['overview, 24 h in 1 h', () => analytics.overview(null, {}, end)],
    ['overview, 7 d in 6 h', () => analytics.overview(null, { window: 10_080 }, end)],
    ['overview, 90 d in 1 d', () => analytics.overview(null, { window: 129_600 }, end)],
    ['one model, 6 h in 5 m', () => analytics.model(null, model, { window: 360 }, end)],
    ['one model, 30 d in 1 d', () => analytics.model(null, model, { window: 43_200 }, end)],
    [
      'one model with drift: 1 d against 30 d',
      () => analytics.model(null, model, { baseline_from: day(40), baseline_to: day(10) }, end),
    ],
    ['errors, 90 d', () => analytics.errors(null, { window: 129_600 }, end)],
    ['predictions, first page', () => table.list({ ownerId: null, limit: 50 })],
    [
      'predictions of one model, failures',
      () => table.list({ ownerId: null, modelId: modelId(3), ok: false, limit: 50 }),
    ],
    ['one prediction by id', () => table.get(some, null)],
  ];
  const rows: string[] = [];
  for (const [name, work] of cases) {
    const started = performance.now();
    await work();
    const first = performance.now() - started;
    const times: number[] = [];
    for (let n = 0; n < 11; n += 1) {
      const at = performance.now();
      await work();
      times.push(performance.now() - at);
    }
    const row = `| ${name} | ${first.toFixed(1)} | ${quantile(times, 0.5).toFixed(1)} | ${Math.max(...times).toFixed(1)} |`;
    rows.push(row);
    say(row);
  }
  const plans: string[] = [];
  for (const [name, work] of cases.filter(([name]) => /24 h|drift|failures|by id/.test(name))) {
    const found = await database.plansOf(work);
    for (const plan of found) plans.push(`### ${name}\n\n\`\`\`\n${shortened(plan)}\n\`\`\`\n`);
  }
  await database.run(
    `insert into prediction_changes values ('${new Date(end.getTime() - 3_600_000).toISOString()}')`,
  );
  const one = await seconds('one five minutes anew', () => rollups.refresh());
  const sizes = await database.kysely.executeQuery<{ what: string; size: string }>(
    CompiledQuery.raw(`
      select 'predictions and indexes' as what, pg_size_pretty(sum(pg_total_relation_size(inhrelid))) as size from pg_inherits where inhparent = 'predictions'::regclass
      union all select relname, pg_size_pretty(pg_total_relation_size(oid)) from pg_class where relname in ('prediction_totals', 'prediction_histograms', 'prediction_labels')`),
  );
  const report = `# Analytics on ${COUNT.toLocaleString('en')} predictions

${machine()}, embedded PostgreSQL 18 with its own settings (128 MB of buffers). Ten models over ${DAYS} days, one partition per day; load of the machine
before: ${loadavg()[1]?.toFixed(1)}. Times of the whole call, queries and answer, without HTTP.

Loading by generate_series: ${load.toFixed(0)} s. All sums from nothing (26 thousand slots of five minutes): ${rolling.toFixed(0)} s, which is ${((rolling * 1e6) / COUNT).toFixed(0)} µs per prediction; the five minutes
of ${Math.round(COUNT / DAYS / 288)} predictions, their hour and their day anew: ${(one * 1000).toFixed(0)} ms.

| what | first ms | median ms | most ms |
|---|---|---|---|
${rows.join('\n')}

${sizes.rows.map(({ what, size }) => `- ${what}: ${size}`).join('\n')}

Percentiles come from histograms whose bins are 2 % wide: 1 % at most from a value of that rank; \`test/analytics\` compares them with \`percentile_cont\`.

## Plans

${plans.join('\n')}`;
  if (process.argv.includes('--record'))
    await writeFile(new URL('results/analytics.md', import.meta.url), report);
  else say(report);
} finally {
  await database.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

/** A plan names every partition alike: the first three tell it all. */
function shortened(plan: string): string {
  const lines = plan.split('\n');
  const short =
    lines.length > 40
      ? [...lines.slice(0, 30), `… ${lines.length - 36} lines …`, ...lines.slice(-6)]
      : lines;
  return short.map((line) => line.slice(0, 180)).join('\n');
}
