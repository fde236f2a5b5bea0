import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Breaker, type BreakerOptions } from '../../src/dependencies/breaker.ts';
import { Degradations } from '../../src/dependencies/degradations.ts';
import { DependencyUnavailable, type BreakerState } from '../../src/dependencies/dependency.ts';
import { until } from '../support/server.ts';

const fail = (): Promise<never> => Promise.reject(new Error('refused'));

function breakerOf(options: Partial<BreakerOptions> = {}): Breaker {
  return new Breaker({ dependency: 'blobs', firstPauseMs: 30, longestPauseMs: 60, ...options });
}

async function failTimes(breaker: Breaker, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1)
    await assert.rejects(breaker.run(fail), { message: 'refused' });
}

describe('Breaker', () => {
  it('opens after failures in a row, then refuses without asking', async () => {
    const breaker = breakerOf({ firstPauseMs: 60_000, longestPauseMs: 60_000 });
    await failTimes(breaker, 2);
    await breaker.run(() => Promise.resolve(1));
    await failTimes(breaker, 3);
    assert.equal(breaker.state, 'open');
    let asked = false;
    const refused = breaker.run(async () => {
      asked = true;
      await Promise.resolve();
    });
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof DependencyUnavailable);
      assert.equal(error.dependency, 'blobs');
      assert.ok(error.retryAfterSeconds >= 1);
      return true;
    });
    assert.equal(asked, false);
    assert.equal(breaker.snapshot.reason, 'refused');
    breaker.close();
  });

  it("counts no caller's mistake", async () => {
    const breaker = breakerOf({ isFailure: (error) => !(error instanceof TypeError) });
    for (let n = 0; n < 20; n += 1)
      await assert.rejects(
        breaker.run(() => Promise.reject(new TypeError('mistake'))),
        TypeError,
      );
    assert.equal(breaker.state, 'closed');
  });

  it('tries in the background until the trial works; callers never wait for it', async () => {
    const states: BreakerState[] = [];
    let works = false;
    const trial = Promise.withResolvers<undefined>();
    const breaker = breakerOf({
      probe: async () => await (works ? trial.promise : fail()),
      onChange: (state) => states.push(state),
    });
    await failTimes(breaker, 3);
    await until('two trials that fail', () => states.filter((s) => s === 'half_open').length >= 2);
    works = true;
    await until('the trial that hangs', () => breaker.state === 'half_open');
    await assert.rejects(
      breaker.run(() => Promise.resolve(1)),
      DependencyUnavailable,
      'refused while the trial runs, which only ends below',
    );
    trial.resolve(undefined);
    await until('the end', () => breaker.state === 'closed');
    assert.equal(await breaker.run(() => Promise.resolve(7)), 7);
    assert.deepEqual(states.slice(0, 3), ['open', 'half_open', 'open']);
    assert.equal(states.at(-1), 'closed');
    assert.equal(breaker.snapshot.transitions.closed, 1);
    assert.equal(breaker.snapshot.reason, undefined);
  });

  it('without a probe one caller is the trial', async () => {
    const breaker = breakerOf();
    await failTimes(breaker, 3);
    let asked = 0;
    await until('the pause to end', async () => {
      const work = async (): Promise<void> => {
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 10));
      };
      await Promise.allSettled(Array.from({ length: 10 }, () => breaker.run(work)));
      return breaker.state === 'closed';
    });
    assert.equal(asked, 1);
  });

  it('opens at once when it is told to, and tries at once when it is told to', async () => {
    const breaker = breakerOf({ probe: () => Promise.resolve(), firstPauseMs: 60_000 });
    breaker.trip(new Error('the cable is out'));
    await until('open', () => breaker.state === 'open');
    assert.equal(breaker.snapshot.reason, 'the cable is out');
    await breaker.tryNow();
    assert.equal(breaker.state, 'closed');
    breaker.close();
  });
});

describe('Degradations', () => {
  it('names what is not closed now, and what one request did without', async () => {
    const degradations = new Degradations();
    const breaker = breakerOf();
    degradations.watch('redis', () => breakerOf().snapshot);
    degradations.watch('blobs', () => breaker.snapshot);
    assert.deepEqual(degradations.now(), []);
    const [first, second] = [new Set<never>(), new Set<never>()];
    const done = Promise.withResolvers<undefined>();
    degradations.during(first, () => {
      setImmediate(() => {
        degradations.note('redis');
        done.resolve(undefined);
      });
    });
    degradations.during(second, () => undefined);
    await done.promise;
    assert.deepEqual([[...first], [...second]], [['redis'], []]);
    await failTimes(breaker, 3);
    assert.deepEqual(degradations.now(), ['blobs']);
    assert.equal(degradations.state('database'), undefined);
    breaker.close();
  });
});
