import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { FoveaError, type ErrorCode } from '../../src/errors.ts';
import { MemorySessionStore } from '../../src/sessions/memory-session-store.ts';
import { detectionCount, expiresAt, standingOf } from '../../src/sessions/session-state.ts';
import { Sessions } from '../../src/sessions/sessions.ts';

describe('the life of sessions', () => {
  let now = 1_000_000;
  const make = (maxBytes = 64e6): { sessions: Sessions; store: MemorySessionStore } => {
    const store = new MemorySessionStore({ maxBytes, keepMs: 10_000, clock: () => now });
    return { store, sessions: new Sessions({ store, node: 'n', ttlMs: 1_000, maxTtlMs: 5_000 }) };
  };
  const refuses = async (work: Promise<unknown>, code: ErrorCode): Promise<void> =>
    assert.rejects(work, (error) => error instanceof FoveaError && error.code === code);

  it("hides everybody's sessions from everybody else but an administrator", async () => {
    const { sessions } = make();
    const [mine, other] = [{ ownerId: randomUUID() }, { ownerId: randomUUID() }];
    const { id } = (await sessions.create(mine, {})).state;
    for (const stranger of [other, { ownerId: null }]) {
      await refuses(sessions.find(id, stranger), 'SESSION_NOT_FOUND');
      await refuses(sessions.use(id, stranger), 'SESSION_NOT_FOUND');
      await refuses(sessions.edit(id, stranger, {}), 'SESSION_NOT_FOUND');
      await refuses(sessions.end(id, stranger), 'SESSION_NOT_FOUND');
      assert.equal(await sessions.peek(id, stranger), undefined);
      assert.deepEqual((await sessions.list(stranger, { limit: 10 })).items, []);
    }
    const { state } = await sessions.find(id, { ...other, seesAll: true });
    assert.deepEqual([state.active, state.endedAt, state.metadata], [false, null, '{}']);
  });

  it('expires to the millisecond, and not while it is used', async () => {
    const { sessions } = make();
    const open = { ownerId: null };
    const { id } = (await sessions.create(open, {})).state;
    for (let n = 0; n < 5; n += 1) {
      now += 999;
      assert.equal(expiresAt((await sessions.use(id, open)).state), now + 1_000);
    }
    now += 999;
    assert.equal(standingOf(await sessions.find(id, open)), 'live');
    now += 1;
    await refuses(sessions.find(id, open), 'SESSION_EXPIRED');
    await refuses(sessions.use(id, open), 'SESSION_EXPIRED');
    assert.deepEqual(await sessions.expire(), { expired: 1, live: 0 });
    await refuses(sessions.end(id, open), 'SESSION_EXPIRED');
    now += 9_999;
    await sessions.expire();
    await refuses(sessions.find(id, open), 'SESSION_EXPIRED');
    now += 1;
    await sessions.expire();
    await refuses(sessions.find(id, open), 'SESSION_NOT_FOUND');
    await refuses(sessions.create(open, { ttlMs: 5_001 }), 'REQUEST_INVALID');
  });

  it('counts every detection once, also at once and after the end', async () => {
    const { sessions } = make();
    const open = { ownerId: null };
    const { id } = (await sessions.create(open, {})).state;
    const used = await sessions.use(id, open);
    await Promise.all(Array.from({ length: 50 }, () => sessions.count(used)));
    await sessions.end(id, open);
    await sessions.count(used);
    assert.equal(detectionCount((await sessions.find(id, open)).state), 51);
  });

  it('tells who watches, once, why it is over', async () => {
    const { sessions } = make();
    const open = { ownerId: null };
    const heard: string[] = [];
    const ids: string[] = [];
    for (const name of ['ended', 'expired', 'left']) {
      const { id } = (await sessions.create(open, {})).state;
      ids.push(id);
      const stop = sessions.watch(id, (ending) => heard.push(`${name} ${ending}`));
      if (name === 'left') stop();
    }
    await sessions.end(ids[0] ?? '', open);
    await sessions.end(ids[0] ?? '', open);
    now += 1_000;
    await sessions.expire();
    await sessions.expire();
    assert.deepEqual(heard, ['ended ended', 'expired expired']);
  });

  it('forgets the ones not used for longest when there is no more room', async () => {
    const { sessions, store } = make(400_000);
    const open = { ownerId: null };
    const { id } = (await sessions.create(open, {})).state;
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 2_000; n += 1) {
      await sessions.create(open, { metadata: { long: 'x'.repeat(1_000) } });
      if (n % 20 === 0) await sessions.use(id, open);
    }
    assert.ok(store.evicted > 1_500 && store.states().length < 400);
    assert.equal((await store.expire()).live, store.states().length);
    assert.equal(standingOf(await sessions.find(id, open)), 'live', 'the one in use stays');
    assert.ok(process.memoryUsage().heapUsed - before < 50e6);
  });
});
