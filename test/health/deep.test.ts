import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Degradations } from '../../src/dependencies/degradations.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Health, type HealthOptions } from '../../src/health/health.ts';
import type { ModelRegistry } from '../../src/models/model-registry.ts';
import { testInference } from '../../src/self-test.ts';
import { analyzeInput, startTestEngine } from '../support/engine.ts';
import { photo } from '../support/server.ts';

const registry = { list: () => [] } as unknown as ModelRegistry;
const fine = async (): Promise<void> => await Promise.resolve();

const idle = { waiting: 0, limit: 100, running: 0 };

function healthWith(probes: Partial<HealthOptions['probes']>, queue = idle): Health {
  return new Health({
    registry,
    degradations: new Degradations(),
    queue: () => queue,
    probes: { inference: fine, database: fine, storage: fine, redis: fine, ...probes },
  });
}

describe('deep health', () => {
  it('waits for no dependency longer than its time, and for all of them at once', async () => {
    const signals: AbortSignal[] = [];
    const hangs = async (signal: AbortSignal): Promise<void> => {
      signals.push(signal);
      assert.ok(
        signals.every(({ aborted }) => !aborted),
        'all are asked at once',
      );
      await new Promise(() => undefined);
    };
    const started = performance.now();
    const { ok, checks } = await healthWith({ database: hangs, redis: hangs }).deep();
    const ms = performance.now() - started;
    assert.ok(ms > 2_500, `${ms} ms`);
    assert.equal(signals.length, 2);
    assert.equal(ok, false);
    assert.deepEqual(
      [checks.inference.ok, checks.database.ok, checks.storage.ok, checks.redis?.ok],
      [true, false, true, false],
    );
    assert.match(checks.database.reason ?? '', /no answer within 3000 ms/);
    assert.ok(
      signals.every(({ aborted }) => aborted),
      'the probes are told that it is over',
    );
  });

  it('tries once for everybody who asks at the same time', async () => {
    let tries = 0;
    const health = healthWith({ inference: async () => void (tries += 1) });
    await Promise.all(Array.from({ length: 20 }, async () => await health.deep()));
    assert.equal(tries, 1);
  });

  it('runs the bundled image through a real worker and model', async (t) => {
    const { engine } = await startTestEngine(t, { workers: 1 });
    await testInference(engine, AbortSignal.timeout(60_000));
    assert.equal(engine.stats().get('vision')?.answered, 1);
    await assert.rejects(testInference(engine, AbortSignal.abort()), { code: 'REQUEST_CANCELLED' });
  });

  it('runs the bundled image before all that waits when the queue is full, and says that it is', async (t) => {
    const { engine, pids } = await startTestEngine(t, { workers: 1, queueLimit: 3 });
    const [worker] = pids();
    assert.ok(worker);
    const image = await photo('astronaut.png');
    const order: string[] = [];
    const request = async (): Promise<void> => {
      await engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 60_000 });
      order.push('request');
    };
    process.kill(worker, 'SIGSTOP');
    const admitted = Array.from({ length: 5 }, request); // two in the worker, three waiting
    const vision = engine.stats().get('vision');
    const { ok, queue } = await healthWith(
      {},
      {
        waiting: vision?.queued ?? 0,
        limit: vision?.queueLimit ?? 0,
        running: vision?.running ?? 0,
      },
    ).deep();
    assert.equal(ok, true);
    assert.deepEqual(queue, { waiting: 3, limit: 3, running: 2, full: true });
    const probe = testInference(engine, AbortSignal.timeout(60_000));
    const probed = probe.then(() => order.push('probe'));
    await assert.rejects(
      engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 60_000 }),
      { code: 'QUEUE_FULL' },
    );
    process.kill(worker, 'SIGCONT');
    await probed;
    await Promise.all(admitted);
    assert.ok(order.indexOf('probe') <= 3, `behind those in the worker: ${order.join(', ')}`);
  });

  it('is one run at a time: probes never fill the workers', async (t) => {
    const { engine, pids } = await startTestEngine(t, { workers: 1, queueLimit: 3 });
    const [worker] = pids();
    assert.ok(worker);
    process.kill(worker, 'SIGSTOP');
    const image = await photo('astronaut.png');
    const busy = Array.from({ length: 2 }, async () =>
      engine.run('vision', 'analyze', analyzeInput(image), { timeoutMs: 60_000 }),
    );
    const left = new AbortController();
    const first = assert.rejects(testInference(engine, left.signal), { code: 'REQUEST_CANCELLED' });
    await assert.rejects(testInference(engine, AbortSignal.timeout(60_000)), {
      code: 'QUEUE_FULL',
    });
    left.abort();
    await first;
    const next = testInference(engine, AbortSignal.timeout(60_000));
    assert.equal(engine.stats().get('vision')?.queued, 1, 'one that left gave its place back');
    process.kill(worker, 'SIGCONT');
    await Promise.all([...busy, next]);
  });

  it('takes no other answer than the one face where it is', async () => {
    const answering = (boxes: number[][]): Engine =>
      ({
        run: async () =>
          await Promise.resolve({ output: { faces: boxes.map((box) => ({ box })) }, queueMs: 0 }),
      }) as unknown as Engine;
    const face = [121, 86, 201, 166];
    const { signal } = new AbortController();
    await testInference(answering([face]), signal);
    for (const boxes of [[], [face, face], [[0, 0, 40, 40]], [[Number.NaN, 0, 1, 1]]])
      await assert.rejects(
        testInference(answering(boxes), signal),
        { code: 'MODEL_INVALID' },
        JSON.stringify(boxes),
      );
  });
});
