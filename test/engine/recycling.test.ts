import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { childEnvironment } from '../../src/config.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { GroupStats } from '../../src/engine/model-group.ts';
import { analyzeInput, startTestEngine } from '../support/engine.ts';
import { photo, until } from '../support/server.ts';

const growing = {
  entry: new URL('./growing-worker.ts', import.meta.url),
  environment: childEnvironment(),
};
const MiB = 1024 * 1024;

describe('workers that are replaced by plan', { concurrency: false }, () => {
  let image: Buffer;
  before(async () => {
    image = await photo('astronaut.png');
  });

  const stats = (engine: Engine): GroupStats => {
    const found = engine.stats().get('vision');
    assert.ok(found);
    return found;
  };

  /** Clients that send one request after the other until `enough`; resolves with how many were answered. */
  async function load(engine: Engine, clients: number, enough: () => boolean): Promise<number> {
    let answered = 0;
    const deadline = Date.now() + 240_000;
    const client = async (): Promise<void> => {
      while (!enough()) {
        assert.ok(Date.now() < deadline, 'it did not happen within minutes');
        await engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 120_000 });
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return answered;
  }

  it('replaces workers that grow over their memory while load runs, and no request fails', async (t) => {
    const { engine, exits, pids } = await startTestEngine(t, { worker: growing, workers: 1 });
    await engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 120_000 });
    const base = residentBytes(pids()[0]);
    engine.end('vision');
    const limit = base + 300 * MiB; // a dozen jobs
    const bounded = await startTestEngine(t, {
      worker: growing,
      workers: 1,
      workerMemory: limit,
    });
    const seen: number[] = [];
    const answered = await load(bounded.engine, 6, () => {
      const { workers, recycled } = stats(bounded.engine);
      seen.push(...workers.map(({ rss }) => rss));
      return recycled.memory >= 2;
    });
    await until('the old workers to end', () => stats(bounded.engine).workers.length === 1);
    const ends = bounded.exits.map(({ reason, lost }) => ({ reason, lost }));
    assert.deepEqual(
      ends,
      ends.map(() => ({ reason: 'retired', lost: 0 })),
    );
    assert.ok(ends.length >= 2, `${ends.length} replaced`);
    assert.ok(answered > 2 * 12, `${answered} answered`);
    assert.ok(Math.max(...seen) > limit, 'a worker has grown over the limit');
    assert.ok(Math.max(...seen) < 2 * limit + 8 * 24 * MiB, 'and not without a bound');
    assert.ok(stats(bounded.engine).cpuSeconds > 0);
    assert.equal(exits.length, 0);
  });

  it('has the successor ready before the old worker goes', async (t) => {
    const { engine, pids } = await startTestEngine(t, { workers: 1, workerAnswers: 60 });
    const [first] = pids();
    let open = Number.POSITIVE_INFINITY;
    await load(engine, 3, () => {
      open = Math.min(open, pids().length);
      return stats(engine).recycled.requests > 0 && !pids().includes(first ?? 0);
    });
    assert.ok(open >= 1, 'at any time some worker takes work');
  });

  it('replaces workers by age', async (t) => {
    const { engine, pids } = await startTestEngine(t, { workers: 2, workerAgeMs: 500 });
    const before = pids();
    await load(engine, 3, () => before.every((pid) => !pids().includes(pid)));
    assert.ok(stats(engine).recycled.age >= 2);
    assert.equal(stats(engine).recycled.memory, 0);
  });

  it('does not replace without end workers that are over the limit as soon as they work', async (t) => {
    const { engine } = await startTestEngine(t, { workers: 1, workerMemory: 1 });
    const started = performance.now();
    const recycled = (): number => stats(engine).recycled.memory;
    await load(engine, 2, () => recycled() >= 2 && performance.now() - started > 2_500);
    // The pauses are 1 s, 2 s, 4 s and so on.
    const seconds = (performance.now() - started) / 1000;
    const most = 2 + Math.log2(1 + seconds);
    assert.ok(recycled() <= most, `${recycled()} times in ${seconds.toFixed(1)} s`);
  });

  it('keeps the old worker when its successor dies', async (t) => {
    const { engine, pids, exits } = await startTestEngine(t, { workers: 1, workerAnswers: 3 });
    const [first] = pids();
    await load(engine, 1, () => stats(engine).workers.length === 2);
    const successor = stats(engine).workers.find(({ pid }) => pid !== first)?.pid;
    assert.ok(successor);
    process.kill(successor, 'SIGKILL');
    await until('the end of the successor', () => exits.length === 1);
    assert.deepEqual(pids(), [first]);
    await engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 120_000 });
  });

  it('never has more requests in its workers than the cap allows', async (t) => {
    const { engine } = await startTestEngine(t, { workers: 2, concurrency: 3 });
    const work = Array.from({ length: 10 }, () =>
      engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 120_000 }),
    );
    assert.deepEqual([stats(engine).running, stats(engine).queued], [3, 7]);
    await Promise.all(work);
  });

  it('starts no process that the cap would never let work', async (t) => {
    const { engine } = await startTestEngine(t, { workers: 1, concurrency: 1 });
    engine.open('other', { workers: 8 });
    assert.equal(engine.stats().get('other')?.workers.length, 1);
  });
});

function residentBytes(pid = 0): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
