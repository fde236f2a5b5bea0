/**
 * Who of a crowd is it: by comparing with everybody in memory, in pgvector, and by its graphs (HNSW), of 512 values that a
 * real database holds. `node bench/identify.ts [vectors …] [strangers] [lookalikes] [pgvector] [hnsw] [--record]`;
 * without words: 10 k and 100 k in every way, 1 M in memory. With `--record` the rows join those in bench/results.
 */
import { existsSync, readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Database } from '../src/db/database.ts';
import { FaceVectors } from '../src/db/face-vectors.ts';
import { PgvectorIndex } from '../src/db/pgvector-index.ts';
import { ExactIndex } from '../src/vectors/exact-index.ts';
import type { VectorIndex, VectorSet } from '../src/vectors/vector-index.ts';
import { startPgvector } from '../test/support/pgvector-server.ts';
import { Crowd, closeness, crowdKinds, type CrowdKind } from './identify/crowd.ts';
import { enrol, idOf, openDatabase } from './identify/crowd-database.ts';
import { circumstances, publish } from './load/report.ts';
import { quantile } from './machine.ts';

type Way = 'exact' | 'pgvector' | 'hnsw';

const ways: readonly Way[] = ['exact', 'pgvector', 'hnsw'];
const queries = 300;
const fewestQueries = 20;
const longestMs = 25_000;
/** As `identify` asks when it is told nothing, but of whatever similarity. */
const bounds = { most: 5, least: -1 };
const header = `| index | crowd | vectors | first search s | p50 ms | p99 ms | right person first | first as exact | memory MB | disk MB |
|---|---|---|---|---|---|---|---|---|---|`;

interface Setting {
  readonly crowd: Crowd;
  readonly count: number;
  readonly database: Database;
  readonly set: VectorSet;
}

/** Who stands first, by the number of the query. */
type Firsts = readonly (string | undefined)[];

/** Faces that are asked for, all over the crowd. */
const asked = (count: number): number[] =>
  Array.from({ length: queries }, (_, at) => Math.floor(((at + 0.5) / queries) * count));

async function measure(way: Way, setting: Setting, truth: Firsts | undefined) {
  const { crowd, count, set } = setting;
  const before = process.memoryUsage.rss();
  const index = indexOf(way, setting.database);
  if (index instanceof PgvectorIndex && !(await index.prepare()))
    throw new Error('There is no pgvector.');
  const started = performance.now();
  await index.search(set, [crowd.query(0)], bounds);
  const build = performance.now() - started;
  const firsts: (string | undefined)[] = [];
  const times: number[] = [];
  const end = performance.now() + longestMs;
  for (const number of asked(count)) {
    if (times.length >= fewestQueries && performance.now() > end) break;
    const query = crowd.query(number);
    const from = performance.now();
    const [found] = await index.search(set, [query], bounds);
    times.push(performance.now() - from);
    firsts.push(found?.[0]?.personId);
  }
  const memory = way === 'exact' ? process.memoryUsage.rss() - before : 0;
  const disk = way === 'exact' ? 0 : await sizeOnDisk(setting.database);
  await index.close();
  const right = firsts.filter((id, at) => id === idOf(asked(count)[at] ?? -1)).length;
  const same = firsts.filter((id, at) => id === truth?.[at]).length;
  const share = (part: number): string => (part / firsts.length).toFixed(3);
  const middle = quantile(times, 0.5).toFixed(1);
  const worst = quantile(times, 0.99).toFixed(1);
  const megabytes = (bytes: number): string => (bytes > 0 ? String(Math.round(bytes / 1e6)) : '');
  const cells = [
    way,
    crowd.kind,
    count,
    (build / 1000).toFixed(1),
    middle,
    worst,
    share(right),
    truth ? share(same) : '1.000',
    megabytes(memory),
    megabytes(disk),
  ];
  return { row: `| ${cells.join(' | ')} |`, firsts };
}

function indexOf(way: Way, database: Database): VectorIndex {
  const source = new FaceVectors(database);
  if (way === 'exact') return new ExactIndex({ source, memoryBytes: 8e9 });
  return new PgvectorIndex({ database, source, approximate: way === 'hnsw' });
}

/** Of the copy, with its graph. */
async function sizeOnDisk(database: Database): Promise<number> {
  const { rows } = await database.query((db) =>
    sql<{
      size: string;
    }>`select pg_total_relation_size('fovea_vectors.faces') as size`.execute(db),
  );
  return Number(rows[0]?.size);
}

async function run(kind: CrowdKind, count: number, wanted: readonly Way[]): Promise<string[]> {
  const { server, end } = await startPgvector([
    'shared_buffers=6GB',
    'maintenance_work_mem=4GB',
    'max_wal_size=16GB',
  ]);
  try {
    const database = await openDatabase(server);
    const crowd = new Crowd(kind);
    const setting = { crowd, count, database, set: await enrol(database, crowd, count) };
    const rows: string[] = [];
    let truth: Firsts | undefined;
    for (const way of wanted) {
      const { row, firsts } = await measure(way, setting, truth);
      process.stderr.write(`${row}\n`);
      truth ??= firsts;
      rows.push(row);
    }
    await database.close();
    return rows;
  } finally {
    await end();
  }
}

/** By what a row says which measurement it is. */
const keyOf = (row: string): string => row.split('|').slice(1, 4).join('|');

function earlierRows(): string[] {
  const file = new URL('results/identify.md', import.meta.url);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => ways.some((way) => line.startsWith(`| ${way} |`)));
}

/** Earlier measurements, replaced by new ones of the same. */
function joined(rows: readonly string[]): string[] {
  const all = new Map([...earlierRows(), ...rows].map((row) => [keyOf(row), row]));
  const order = (row: string): number => {
    const [, way, kind, count] = row.split('|').map((cell) => cell.trim());
    return (
      crowdKinds.indexOf(kind as CrowdKind) * 1e9 + Number(count) * 10 + ways.indexOf(way as Way)
    );
  };
  return [...all.values()].toSorted((a, b) => order(a) - order(b));
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const kinds = crowdKinds.filter((kind) => words.includes(kind));
const counts = words.map(Number).filter((count) => count > 0);
const more = ways.filter((way) => words.includes(way));
const rows: string[] = [];
for (const kind of kinds.length > 0 ? kinds : crowdKinds)
  for (const count of counts.length > 0 ? counts : [10_000, 100_000, 1_000_000]) {
    const everything = words.length === 0 && count < 1_000_000;
    rows.push(
      ...(await run(kind, count, everything ? ways : [...new Set<Way>(['exact', ...more])])),
    );
  }
publish(
  'identify',
  `# Who of a crowd is it

\`npm run bench -- identify\`, or slices of it: \`node bench/identify.ts 1000000 strangers hnsw --record\`. Vectors of 512 values, one face per person, in PostgreSQL 16 with pgvector 0.6.2; single searches for
the five nearest persons, one after the other: ${queries}, or as many as ${longestMs / 1000} s take. \`exact\` holds copies in the server's memory, the others in the database, with 6 GB for its buffers. *First
search* includes bringing all vectors in: reading them, and for \`hnsw\` making the graph as the server does it, face by face. *Memory* is what the process grew by, *disk* the
copy in the database with its graph.

A query is an enrolled face with noise: turned towards another vector of the crowd until the cosine with the enrolled one is ${closeness.strangers} (strangers) or ${closeness.lookalikes} (lookalikes). *Strangers* lie in all
512 directions, as faces of different people nearly do; *lookalikes* differ in 24 directions only, so that of a large crowd others are as near to the query as the right one, and
no index can always name that.

${circumstances()}

${header}
${joined(rows).join('\n')}
`,
);
