import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import { SharedWork } from '../../src/images/shared-work.ts';

describe('SharedWork', () => {
  it('runs identical work once and gives everybody its result', async () => {
    const shared = new SharedWork<number>();
    const gate = Promise.withResolvers<number>();
    let runs = 0;
    const join = (): Promise<number> => shared.join('key', undefined, () => (runs++, gate.promise));
    const all = Promise.all([join(), join(), join()]);
    gate.resolve(7);
    assert.deepEqual(await all, [7, 7, 7]);
    assert.equal(runs, 1);
    await join();
    assert.equal(runs, 2, 'a finished run is not joined');
  });

  it('gives everybody the failure', async () => {
    const shared = new SharedWork<number>();
    const fail = (): Promise<number> =>
      shared.join('key', undefined, () => Promise.reject(new Error('no')));
    const results = await Promise.allSettled([fail(), fail()]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['rejected', 'rejected'],
    );
  });

  it('aborts the run only when the last caller has left', async () => {
    const shared = new SharedWork<string>();
    const [first, second] = [new AbortController(), new AbortController()];
    let aborted = false;
    const run = (all: AbortSignal): Promise<string> => {
      all.addEventListener('abort', () => (aborted = true));
      return Promise.withResolvers<string>().promise;
    };
    const one = shared.join('key', first.signal, run);
    const two = shared.join('key', second.signal, run);
    first.abort();
    await assert.rejects(
      one,
      (error) => error instanceof FoveaError && error.code === 'REQUEST_CANCELLED',
    );
    assert.equal(aborted, false);
    second.abort();
    await assert.rejects(two, { code: 'REQUEST_CANCELLED' });
    assert.equal(aborted, true);
  });

  it('does not let a newcomer join a run that is being aborted', async () => {
    const shared = new SharedWork<string>();
    const leaver = new AbortController();
    const left = shared.join('key', leaver.signal, () => Promise.withResolvers<string>().promise);
    leaver.abort();
    await assert.rejects(left);
    assert.equal(await shared.join('key', undefined, () => Promise.resolve('fresh')), 'fresh');
  });
});
