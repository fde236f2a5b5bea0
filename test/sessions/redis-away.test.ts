import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it, type TestContext } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import { RedisSessionStore } from '../../src/sessions/redis-session-store.ts';
import { ResilientSessionStore } from '../../src/sessions/resilient-session-store.ts';
import { detectionCount, standingOf } from '../../src/sessions/session-state.ts';
import { Sessions } from '../../src/sessions/sessions.ts';
import { launchRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/server.ts';
import { connected } from './stores.ts';

const keepMs = 600_000;
/** Longest wait for Redis. */
const timeoutMs = 1_000;
const open = { ownerId: null };

describe('sessions while Redis is away', { concurrency: false }, () => {
  let redis: TestRedis & { readonly close: () => Promise<void> };
  before(async () => {
    redis = await launchRedis();
  });
  after(async () => await redis.close());

  /** A server's sessions on the shared Redis. */
  async function node(t: TestContext, name: string, keyPrefix: string) {
    const connection = await connected(t, redis, keyPrefix, timeoutMs);
    const shared = new RedisSessionStore({ connection, keepMs, timeoutMs });
    const store = new ResilientSessionStore({ shared, maxBytes: 64e6, keepMs, retryMs: 20 });
    t.after(() => store.close());
    const sessions = new Sessions({ store, node: name, ttlMs: 600_000, maxTtlMs: 600_000 });
    return { sessions, store, shared, connection };
  }

  type Step = () => Promise<void> | void;
  const cuts: Readonly<Record<string, { readonly lose: Step; readonly heal: Step }>> = {
    'is stopped and comes back empty': {
      lose: async () => redis.stop(),
      heal: async () => redis.start(),
    },
    'is killed and comes back empty': {
      lose: async () => redis.kill(),
      heal: async () => redis.start(),
    },
    'hangs and carries out late what it was sent': {
      lose: () => redis.pause(),
      heal: () => redis.resume(),
    },
  };

  for (const [what, { lose, heal }] of Object.entries(cuts))
    it(`goes on when Redis ${what} under load, and nothing differs afterwards`, async (t) => {
      const prefix = `${what}:`;
      const nodes = [await node(t, 'a', prefix), await node(t, 'b', prefix)];
      const expected = new Map<string, { count: number; edits: number; ended: boolean }>();
      const failures: unknown[] = [];
      const load = new AbortController();
      let alone = 0;
      // Each client works on sessions of its own node and knows what it was answered.
      const client = async ({ sessions, store }: (typeof nodes)[number]): Promise<void> => {
        while (!load.signal.aborted) {
          const { state } = await sessions.create(open, { metadata: { edits: 0 } });
          const truth = { count: 0, edits: 0, ended: false };
          expected.set(state.id, truth);
          for (let step = 0; step < 8; step += 1) {
            const used = await sessions.use(state.id, open);
            await Promise.all([sessions.count(used), sessions.count(used)]);
            truth.count += 2;
            await sessions.edit(state.id, open, { edits: (truth.edits += 1) });
            if (store.alone) alone += 1;
            await sleep(2);
          }
          if (expected.size % 3 === 0) {
            await sessions.end(state.id, open);
            truth.ended = true;
          }
        }
      };
      const clients = nodes.flatMap((one) => Array.from({ length: 8 }, () => client(one)));
      for (const one of clients) one.catch((error: unknown) => failures.push(error));
      await until('some sessions', () => expected.size > 20);
      await lose();
      await until('both to be alone', () => nodes.every(({ store }) => store.alone));
      const [atLoss, aloneAtLoss] = [expected.size, alone];
      await until('work alone', () => expected.size > atLoss + 30 && alone > aloneAtLoss + 100);
      await heal();
      await until('the return', () => nodes.every(({ store }) => !store.alone));
      const atReturn = expected.size;
      await until('work together', () => expected.size > atReturn + 20);
      load.abort();
      await Promise.allSettled(clients);
      for (const { store } of nodes) await store.settled(AbortSignal.timeout(60_000));

      assert.deepEqual(failures, []);
      const [a, b] = nodes;
      for (const [id, { count, edits, ended }] of expected) {
        const seen = await a?.shared.get(id);
        assert.ok(seen, `session ${id} is in Redis`);
        const { metadata } = seen.state;
        assert.deepEqual(
          [detectionCount(seen.state), JSON.parse(metadata), standingOf(seen)],
          [count, { edits }, ended ? 'ended' : 'live'],
        );
        assert.deepEqual((await b?.sessions.find(id, open))?.state, seen.state);
      }
      // And the nodes' own copies say what Redis says.
      for (const { store, shared } of nodes)
        for (const copy of store.copies) assert.deepEqual(copy, (await shared.get(copy.id))?.state);
      const listed = await a?.shared.list({ ownerId: null, status: 'ended', limit: 100 });
      const ended = [...expected.values()].filter((truth) => truth.ended).length;
      assert.equal(listed?.items.length, Math.min(100, ended));
    });

  it('cannot judge what it has not seen, and says so', async (t) => {
    const prefix = 'unseen:';
    const [a, b] = [await node(t, 'a', prefix), await node(t, 'b', prefix)];
    const { state } = await a.sessions.create(open, {});
    await redis.stop();
    t.after(() => redis.start());
    assert.equal((await a.sessions.use(state.id, open)).state.active, true);
    await assert.rejects(
      b.sessions.find(state.id, open),
      (error) => error instanceof FoveaError && error.code === 'SESSION_STORE_UNAVAILABLE',
    );
  });

  it('keeps an end that came while away, whatever the other node did', async (t) => {
    const prefix = 'both:';
    const [a, b] = [await node(t, 'a', prefix), await node(t, 'b', prefix)];
    const { id } = (await a.sessions.create(open, {})).state;
    await b.sessions.use(id, open);
    await redis.stop();
    await a.sessions.end(id, open);
    const used = await b.sessions.use(id, open);
    await b.sessions.count(used);
    await redis.start();
    for (const { store } of [a, b]) await store.settled(AbortSignal.timeout(60_000));
    const seen = await b.shared.get(id);
    assert.ok(seen);
    assert.deepEqual([standingOf(seen), detectionCount(seen.state)], ['ended', 1]);
  });
});
