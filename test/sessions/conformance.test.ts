import assert from 'node:assert/strict';
import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  detectionCount,
  expiresAt,
  merged,
  standingOf,
  statusOf,
  type SeenSession,
  type SessionState,
} from '../../src/sessions/session-state.ts';
import type { SessionStore } from '../../src/sessions/session-store.ts';
import { launchRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/server.ts';
import { implementations, newSession } from './stores.ts';

const keepMs = 60_000;
let redis: TestRedis & { readonly close: () => Promise<void> };
before(async () => {
  redis = await launchRedis();
});
after(async () => await redis.close());

function stateOf(seen: SeenSession | undefined): SessionState {
  assert.ok(seen, 'the session is known');
  return seen.state;
}

// Side by side: they mostly wait for something to expire.
describe('session stores', { concurrency: true }, () => {
  for (const [name, open] of Object.entries(implementations)) {
    describe(`sessions in the store: ${name}`, { concurrency: false }, () => {
      it('keeps what it is given, at its own time', async (t) => {
        const store = await open(t, redis, keepMs);
        const metadata = JSON.stringify({ camera: 'gate "7"', place: 'Zürich 🚧', n: 1e15 });
        const given = newSession({ ownerId: randomUUID(), metadata, ttlMs: 12_345 });
        const made = await store.create(given);
        assert.ok(Math.abs(made.at - Date.now()) < 60_000);
        const { createdAt, lastActivity, metadataAt, ...rest } = made.state;
        assert.deepEqual([lastActivity, metadataAt], [createdAt, createdAt]);
        assert.ok(createdAt <= made.at && made.at - createdAt < 10_000);
        assert.deepEqual(rest, { ...given, active: false, endedAt: null, counts: {} });
        assert.deepEqual(stateOf(await store.get(given.id)), made.state);
        if (name !== 'resilient, alone') assert.equal(await store.get(randomUUIDv7()), undefined);
      });

      it('lives by activity, and is told from one that never was when it has expired', async (t) => {
        const store = await open(t, redis, keepMs);
        const made = await store.create(newSession({ ttlMs: 700, metadata: '{"a":1}' }));
        const { id } = made.state;
        let expiry = expiresAt(made.state);
        const end = Date.now() + 1_100;
        while (Date.now() < end) {
          const used = await store.change(id, { lastActivity: 'now', active: true });
          assert.ok(used);
          // A machine that stood still for so long has let it expire, rightly.
          assert.equal(standingOf(used) === 'live', used.at < expiry);
          expiry = expiresAt(used.state);
          assert.equal(expiry, used.state.lastActivity + 700);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        const last = stateOf(await store.get(id));
        await until('expiry', async () => {
          const seen = await store.get(id);
          assert.ok(seen, 'an expired session is still known');
          // The clock that made the moments is the clock that judges them.
          assert.equal(standingOf(seen) === 'expired', seen.at >= expiresAt(last));
          return standingOf(seen) === 'expired';
        });
        const late = await store.change(id, { lastActivity: 'now', endedAt: 'now' });
        assert.ok(late && standingOf(late) === 'expired', 'nothing brings it back');
        assert.equal(late.state.lastActivity, last.lastActivity);
        assert.deepEqual((await store.list({ ownerId: null, limit: 10 })).items, []);
      });

      it('puts away what expired, once, and forgets it in the end', async (t) => {
        const store = await open(t, redis, 2_000);
        const brief = await store.create(newSession({ ttlMs: 1_500 }));
        const ended = await store.create(newSession({ ttlMs: 1_500 }));
        const lasting = await store.create(newSession());
        await store.change(ended.state.id, { endedAt: 'now' });
        assert.deepEqual(await store.expire(), { expired: 0, live: 2 });
        let expired = 0;
        await until('expiry', async () => (expired += (await store.expire()).expired) > 0);
        assert.equal((await store.expire()).live, 1);
        const gone = await store.get(brief.state.id);
        assert.ok(gone && standingOf(gone) === 'expired');
        if (name !== 'resilient, alone')
          for (const { state } of [brief, ended])
            await until('forgetting', async () => {
              expired += (await store.expire()).expired;
              return (await store.get(state.id)) === undefined;
            });
        assert.equal(expired, 1, 'an ended session does not expire');
        const left = await store.get(lasting.state.id);
        assert.ok(left && standingOf(left) === 'live');
      });

      it('ends once, for good', async (t) => {
        const store = await open(t, redis, keepMs);
        const { id } = (await store.create(newSession())).state;
        const ended = await store.change(id, { endedAt: 'now' });
        assert.ok(ended && standingOf(ended) === 'ended');
        const again = await store.change(id, { endedAt: 'now', lastActivity: 'now', active: true });
        assert.deepEqual(stateOf(again), ended.state);
      });

      it('makes every change whole, however many come at once', async (t) => {
        const store = await open(t, redis, keepMs);
        const { id } = (await store.create(newSession())).state;
        const numbers = Array.from({ length: 200 }, (_, index) => index + 1);
        await Promise.all(
          numbers.flatMap((n) => [
            store.raise(id, 'one', n),
            store.raise(id, 'other', 201 - n),
            store.change(id, { metadata: { text: `{"n":${n}}`, at: 'now' }, active: true }),
          ]),
        );
        const state = stateOf(await store.get(id));
        assert.deepEqual(state.counts, { one: 200, other: 200 });
        assert.equal(detectionCount(state), 400);
        assert.equal(statusOf(state), 'active');
        assert.match(state.metadata, /^{"n":\d+}$/);
        // The count goes on when the session has ended meanwhile.
        await store.change(id, { endedAt: 'now' });
        assert.equal(detectionCount(stateOf(await store.raise(id, 'one', 201))), 401);
      });

      it('ends or changes, but never both', async (t) => {
        const store = await open(t, redis, keepMs);
        for (let round = 0; round < 20; round += 1) {
          const { id } = (await store.create(newSession())).state;
          const edit = { metadata: { text: '{"late":true}', at: 'now' } } as const;
          const [, changed] = await Promise.all([
            store.change(id, { endedAt: 'now' }),
            store.change(id, edit),
          ]);
          const state = stateOf(await store.get(id));
          assert.equal(state.metadata, stateOf(changed).metadata);
          assert.notEqual(state.endedAt, null);
        }
      });

      it('lists newest first, by owner and status, page by page', async (t) => {
        const store = await open(t, redis, keepMs);
        const [mine, other] = [randomUUID(), randomUUID()];
        const ids: string[] = [];
        for (let n = 0; n < 25; n += 1)
          ids.push((await store.create(newSession({ ownerId: mine }))).state.id);
        ids.sort().reverse(); // those of one millisecond have no order of their own
        const foreign = await store.create(newSession({ ownerId: other }));
        const open1 = await store.create(newSession());
        const active = ids.filter((_, index) => index % 3 === 0);
        const ended = ids.filter((_, index) => index % 5 === 0);
        for (const id of active) await store.change(id, { active: true });
        for (const id of ended) await store.change(id, { endedAt: 'now' });

        assert.deepEqual(await everyPage(store, { ownerId: mine }), ids);
        assert.deepEqual(await everyPage(store, { ownerId: mine, status: 'ended' }), ended);
        const running = active.filter((id) => !ended.includes(id));
        assert.deepEqual(await everyPage(store, { ownerId: mine, status: 'active' }), running);
        const created = ids.filter((id) => !active.includes(id) && !ended.includes(id));
        assert.deepEqual(await everyPage(store, { ownerId: mine, status: 'created' }), created);
        assert.deepEqual(await everyPage(store, { ownerId: null }), [open1.state.id]);
        const all = [open1.state.id, foreign.state.id, ...ids].sort().reverse();
        assert.deepEqual(await everyPage(store, {}), all);
        const { more, items } = await store.list({ ownerId: mine, limit: 25 });
        assert.deepEqual([more, items.length], [false, 25]);
      });

      it('merges copies to the same, in whatever order and however often', async (t) => {
        const store = await open(t, redis, keepMs);
        for (let round = 0; round < 30; round += 1) {
          const copies = Array.from({ length: 3 }, () => randomCopy(round));
          const expected = copies.reduce(merged);
          const [first, second] = [randomUUIDv7(), randomUUIDv7()];
          for (const copy of copies) await store.merge([{ ...copy, id: first }]);
          for (const copy of [...copies, ...copies].toReversed())
            await store.merge([{ ...copy, id: second }]);
          assert.deepEqual(stateOf(await store.get(first)), { ...expected, id: first });
          assert.deepEqual(stateOf(await store.get(second)), { ...expected, id: second });
        }
      });

      it('gives a ticket out once, and not for long', async (t) => {
        const store = await open(t, redis, keepMs);
        await store.keepTicket('a', 'somebody', 60_000);
        await store.keepTicket('b', 'somebody', 40);
        const taken = await Promise.all([store.takeTicket('a'), store.takeTicket('a')]);
        assert.deepEqual(taken.toSorted(), ['somebody', undefined]);
        await new Promise((resolve) => setTimeout(resolve, 60));
        assert.equal(await store.takeTicket('b'), undefined);
        assert.equal(await store.takeTicket('c'), undefined);
      });
    });
  }
});

async function everyPage(
  store: SessionStore,
  which: { ownerId?: string | null; status?: 'created' | 'active' | 'ended' },
): Promise<string[]> {
  const ids: string[] = [];
  let more = true;
  while (more) {
    const page = await store.list({ ...which, limit: 4, after: ids.at(-1) });
    ids.push(...page.items.map(({ state }) => state.id));
    more = page.more;
  }
  return ids;
}

/** A copy of the same session as another node may have it: few values, so that ties are common. */
function randomCopy(round: number): SessionState {
  const pick = <T>(...choices: T[]): T => choices[Math.floor(Math.random() * choices.length)] as T;
  const now = Date.now();
  return {
    id: '',
    ownerId: null,
    ttlMs: 3_600_000 + round,
    createdAt: now - pick(1_000, 2_000),
    lastActivity: now - pick(0, 10, 500),
    active: pick(true, false),
    endedAt: pick(null, null, now - 5, now - 7),
    metadata: pick('{"a":1}', '{"b":[2,"ü"]}', '{}'),
    metadataAt: now - pick(3, 4),
    counts: pick({}, { one: pick(1, 2) }, { one: pick(3, 4), two: pick(1, 9) }),
  };
}
