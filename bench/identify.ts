/**
 * Searching 512 values exactly, in the thread that the server uses, without the database: 10 k, 100 k and 1 M vectors.
 * `node bench/identify.ts [most]`
 */
import { randomFillSync } from 'node:crypto';
import { ExactIndex } from '../src/vectors/exact-index.ts';
import type { VectorBlock, VectorSet } from '../src/vectors/vector-index.ts';

const size = 512;
const rowsAtOnce = 512;
const searches = 25;
const most = Number(process.argv[2] ?? 1_000_000);

/** Near enough to a normal distribution for directions: a sum of uniform numbers. */
function unitVector(into: Float32Array): void {
  let sum = 0;
  for (let at = 0; at < into.length; at++) {
    const value = Math.random() + Math.random() - 1;
    into[at] = value;
    sum += value * value;
  }
  const length = Math.sqrt(sum);
  for (let at = 0; at < into.length; at++) into[at] = (into[at] ?? 0) / length;
}

async function measure(count: number): Promise<Record<string, number>> {
  const known: Float32Array[] = [];
  const blocks = async function* (): AsyncGenerator<VectorBlock> {
    for (let from = 0; from < count; from += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, count - from);
      const vectors = new Float32Array(rows * size);
      for (let row = 0; row < rows; row++)
        unitVector(vectors.subarray(row * size, (row + 1) * size));
      if (known.length < searches) known.push(vectors.slice(0, size));
      const ids = (): Uint8Array<ArrayBuffer> => randomFillSync(new Uint8Array(rows * 16));
      yield await Promise.resolve({ faceIds: ids(), personIds: ids(), vectors });
    }
  };
  const before = process.memoryUsage.rss();
  const index = new ExactIndex({
    source: { blocks, removed: () => Promise.resolve(new Uint8Array(0)) },
    memoryBytes: 4e9,
  });
  const set: VectorSet = {
    id: 's',
    digest: 'd',
    dimensions: size,
    revision: 1n,
    forgottenRevision: 0n,
  };
  const bounds = { most: 5, least: 0.3 };
  await index.search(set, [new Float32Array(size)], bounds);
  const times: number[] = [];
  let right = 0;
  for (let at = 0; at < searches; at++) {
    const query = known[at % known.length] ?? new Float32Array(size);
    const started = performance.now();
    const [found] = await index.search(set, [query], bounds);
    times.push(performance.now() - started);
    if (Math.abs((found?.[0]?.similarity ?? 0) - 1) < 1e-4) right++;
  }
  const memory = process.memoryUsage.rss() - before;
  await index.close();
  times.sort((a, b) => a - b);
  return {
    vectors: count,
    'recall@1': right / searches,
    'p50 ms': Number((times[Math.floor(searches / 2)] ?? 0).toFixed(1)),
    'slowest ms': Number((times.at(-1) ?? 0).toFixed(1)),
    'memory MB': Math.round(memory / 1e6),
  };
}

const results: Record<string, number>[] = [];
for (const count of [10_000, 100_000, 1_000_000].filter((each) => each <= most))
  results.push(await measure(count));
process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
