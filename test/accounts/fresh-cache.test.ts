import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FreshCache } from '../../src/accounts/fresh-cache.ts';
import { FoveaError } from '../../src/errors.ts';

function setUp() {
  const state = {
    now: 0,
    loads: 0,
    value: 1,
    answer: 'value' as 'value' | 'none' | 'error' | 'hang',
  };
  const cache = new FreshCache<{ value: number }>({
    load: async () => {
      state.loads += 1;
      const { answer, value } = state;
      if (answer === 'hang') return await new Promise(() => undefined);
      if (answer === 'error') throw new FoveaError('DATABASE_UNAVAILABLE', 'away');
      return answer === 'none' ? undefined : { value };
    },
    most: 2,
    freshMs: 1_000,
    waitMs: 30,
    now: () => state.now,
  });
  return { state, cache, get: async () => (await cache.get('key'))?.value };
}

describe('values that must be nearly new', () => {
  it('are asked for once by many at a time, and again when they are old', async () => {
    const { state, get } = setUp();
    assert.deepEqual(await Promise.all([get(), get(), get()]), [1, 1, 1]);
    assert.equal(state.loads, 1);
    state.value = 2;
    state.now = 400;
    assert.equal(await get(), 1);
    assert.equal(state.loads, 1, 'half as old as it may be');
    state.now = 600;
    assert.equal(await get(), 1, 'renewed in the background');
    await new Promise(setImmediate);
    assert.equal(await get(), 2);
    state.value = 3;
    state.now = 5_000;
    assert.equal(await get(), 3, 'waited for');
  });

  it('stay as they were while nobody answers, be it with an error or not at all', async () => {
    for (const answer of ['error', 'hang'] as const) {
      const { state, get, cache } = setUp();
      assert.equal(await get(), 1);
      state.answer = answer;
      state.now = 5_000;
      assert.equal(await get(), 1);
      const { loads } = state;
      assert.equal(await get(), 1);
      assert.equal(state.loads, loads, 'nobody waits again at once');
      await assert.rejects(
        cache.get('another'),
        (error) => error instanceof FoveaError && error.code === 'DATABASE_UNAVAILABLE',
      );
    }
  });

  it('are forgotten at once on request, even when an old answer is under way', async () => {
    const { state, cache, get } = setUp();
    const early = get();
    state.value = 2;
    cache.forget(() => true);
    await early;
    assert.equal(await get(), 2);
    state.value = 3;
    cache.forget(({ value }) => value === 2);
    assert.equal(await get(), 3);
    state.answer = 'none';
    cache.forget(() => true);
    assert.equal(await get(), undefined);
  });
});
