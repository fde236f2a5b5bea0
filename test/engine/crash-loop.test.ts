import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { childEnvironment } from '../../src/config.ts';
import { CrashLoop } from '../../src/engine/crash-loop.ts';
import { analyzeInput, startBareEngine } from '../support/engine.ts';
import { temporaryDirectory } from '../support/postgres.ts';
import { photo, until } from '../support/server.ts';

const patient = { timeoutMs: 120_000 };

describe('workers that die again and again', () => {
  it('are not waited for: what waits and what comes is refused, until one is up again', async (t) => {
    const flag = join(await temporaryDirectory(), 'crash');
    await writeFile(flag, '');
    const states: string[] = [];
    const engine = startBareEngine(t, {
      worker: {
        entry: new URL('fixtures/crashing-worker.ts', import.meta.url),
        environment: { ...childEnvironment(), CRASH_WHILE: flag },
      },
      onEvent: (event) => {
        if (event.type === 'breaker') states.push(event.state);
      },
    });
    const image = await photo('coffee.png');
    const submit = async (): Promise<unknown> =>
      await engine.run('vision', 'analyze', analyzeInput(image, []), patient);
    const waiting = await Promise.allSettled([submit(), submit(), submit()]);
    for (const result of waiting)
      assert.equal(
        result.status === 'rejected' && (result.reason as { code: string }).code,
        'MODEL_UNAVAILABLE',
      );
    assert.equal(engine.breaker.state, 'open');
    const started = performance.now();
    await assert.rejects(submit(), { code: 'MODEL_UNAVAILABLE' });
    assert.ok(performance.now() - started < 10_000, 'without waiting for its deadline');
    assert.deepEqual(engine.modelState('vision', 'any').state, 'failed');

    await rm(flag);
    await until('a worker', () => engine.breaker.state === 'half_open');
    await submit();
    assert.equal(engine.breaker.state, 'closed');
    assert.deepEqual(states, ['open', 'half_open', 'closed']);
    assert.deepEqual(engine.breaker.transitions, { open: 1, half_open: 1, closed: 1 });
    engine.end('vision');
    assert.deepEqual(engine.breaker.transitions, { open: 1, half_open: 1, closed: 1 });
  });

  it('the trial is one job, and its death opens again with a longer pause', async (t) => {
    const engine = startBareEngine(t);
    const image = await photo('coffee.png');
    const submit = async (): Promise<unknown> =>
      await engine.run('vision', 'analyze', analyzeInput(image, []), patient);
    const worker = () =>
      engine
        .stats()
        .get('vision')
        ?.workers.find((one) => one.state === 'open');
    const die = async (): Promise<void> => {
      await until('a worker', () => worker() !== undefined);
      process.kill(worker()?.pid ?? 0, 'SIGKILL');
      await until('its death', () => worker() === undefined);
    };
    engine.open('vision');
    for (let n = 0; n < 3; n += 1) await die();
    assert.equal(engine.breaker.state, 'open');
    await until('the next worker', () => worker() !== undefined);
    process.kill(worker()?.pid ?? 0, 'SIGSTOP');
    const work = [submit(), submit(), submit()];
    const settled = Promise.allSettled(work);
    await until('the trial', () => engine.stats().get('vision')?.running === 1);
    assert.equal(engine.stats().get('vision')?.queued, 2, 'the others wait for its end');
    await die();
    const codes = (await settled).map(
      (result) => result.status === 'rejected' && (result.reason as { code: string }).code,
    );
    assert.deepEqual(codes, ['WORKER_LOST', 'MODEL_UNAVAILABLE', 'MODEL_UNAVAILABLE']);
    await until('the next worker', () => worker() !== undefined);
    await submit();
    assert.equal(engine.breaker.state, 'closed');
  });

  it('a death after an answer counts for nothing, and pauses grow to ten seconds', () => {
    const loop = new CrashLoop(() => undefined);
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map(() => loop.died(false, false)),
      [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000],
    );
    assert.equal(loop.state, 'open');
    loop.up();
    loop.answered();
    assert.equal(loop.died(true, false), 0);
    assert.equal(loop.state, 'closed');
    const endless = new CrashLoop(() => undefined, Number.POSITIVE_INFINITY);
    for (let n = 0; n < 10; n += 1) endless.died(false, false);
    assert.equal(endless.state, 'closed');
  });
});
