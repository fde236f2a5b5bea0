import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Degradations } from '../../src/dependencies/degradations.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Health, type HealthOptions } from '../../src/health/health.ts';
import type { ModelRegistry } from '../../src/models/model-registry.ts';
import { testInference } from '../../src/self-test.ts';
import { startTestEngine } from '../support/engine.ts';

const registry = { list: () => [] } as unknown as ModelRegistry;
const fine = async (): Promise<void> => await Promise.resolve();

function healthWith(probes: Partial<HealthOptions['probes']>): Health {
  return new Health({
    registry,
    degradations: new Degradations(),
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
