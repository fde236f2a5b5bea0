import assert from 'node:assert/strict';
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import test, { type TestContext } from 'node:test';
import { ImageTable, type NewImage } from '../../src/db/images.ts';
import { FoveaError } from '../../src/errors.ts';
import { everyServer, testDatabase, type TestServer } from '../support/postgres.ts';

function newImage(fields: Partial<NewImage> = {}): NewImage {
  return {
    id: randomUUIDv7(),
    ownerId: null,
    sha256: randomBytes(32).toString('hex'),
    format: 'png',
    width: 640,
    height: 480,
    byteSize: 12_345,
    source: 'upload',
    sourceUrl: null,
    ...fields,
  };
}

type Check = (t: TestContext, server: TestServer) => Promise<void>;

const checks: Record<string, Check> = {
  async 'what goes in comes out'(t, server) {
    const images = new ImageTable(await testDatabase(t, server));
    const image = newImage({ source: 'url', sourceUrl: 'https://example.org/a.png' });
    const kept = await images.upsert(image);
    const { createdAt, lastUsedAt, ...rest } = kept;
    assert.deepEqual(rest, { ...image, enrolledOnly: false });
    assert.ok(Math.abs(createdAt.getTime() - Date.now()) < 60_000);
    assert.deepEqual(lastUsedAt, createdAt);
    assert.deepEqual(await images.get(image.id), kept);
    assert.equal(await images.get(randomUUIDv7()), undefined);
  },

  async '50 inserts of one content at once give one id'(t, server) {
    const images = new ImageTable(await testDatabase(t, server));
    for (const ownerId of [null, randomUUIDv7()]) {
      const sha256 = randomBytes(32).toString('hex');
      const all = await Promise.all(
        Array.from({ length: 50 }, () => images.upsert(newImage({ sha256, ownerId }))),
      );
      assert.equal(new Set(all.map(({ id }) => id)).size, 1);
      assert.equal(await images.countBySha256(sha256), 1);
    }
  },

  async 'owners do not share rows, but content is counted over all'(t, server) {
    const images = new ImageTable(await testDatabase(t, server));
    const sha256 = randomBytes(32).toString('hex');
    const owners = [null, randomUUIDv7(), randomUUIDv7()];
    const kept = await Promise.all(
      owners.map((ownerId) => images.upsert(newImage({ sha256, ownerId }))),
    );
    assert.equal(new Set(kept.map(({ id }) => id)).size, 3);
    assert.equal(await images.countBySha256(sha256), 3);
    const [first] = kept;
    assert.equal((await images.remove(first?.id ?? ''))?.sha256, sha256);
    assert.equal(await images.remove(first?.id ?? ''), undefined);
    assert.equal(await images.countBySha256(sha256), 2);
  },

  async 'pages are stable while images arrive'(t, server) {
    const images = new ImageTable(await testDatabase(t, server));
    const ownerId = randomUUIDv7();
    const before: string[] = [];
    for (let i = 0; i < 25; i++) before.push((await images.upsert(newImage({ ownerId }))).id);
    await images.upsert(newImage());
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await images.list({ ownerId, limit: 10, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      await images.upsert(newImage({ ownerId }));
    } while (cursor !== undefined);
    // Within one millisecond the order is that of the ids, which is arbitrary.
    assert.deepEqual(seen.toSorted(), before.toSorted());
    const times = await Promise.all(seen.map(async (id) => (await images.get(id))?.createdAt));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => Number(b) - Number(a)),
    );
    assert.equal((await images.list({ ownerId: null, limit: 100 })).items.length, 1);
    assert.equal((await images.list({ limit: 100 })).items.length, 29);
    await assert.rejects(
      images.list({ limit: 10, cursor: 'nonsense' }),
      (error) => error instanceof FoveaError && error.code === 'REQUEST_INVALID',
    );
  },

  async 'unused images expire, used ones do not'(t, server) {
    const database = await testDatabase(t, server);
    const images = new ImageTable(database);
    const old = await images.upsert(newImage());
    const used = await images.upsert(newImage());
    const seenAgain = await images.upsert(newImage());
    const hourAgo = new Date(Date.now() - 3_600_000);
    await database.query((db) => db.updateTable('images').set({ last_used_at: hourAgo }).execute());
    await images.touch([used.id, randomUUIDv7()]);
    await images.upsert({ ...seenAgain, id: randomUUIDv7() });
    const expired = await images.expired(new Date(Date.now() - 60_000), 10);
    assert.deepEqual(
      expired.map(({ id }) => id),
      [old.id],
    );
  },

  async 'a transaction rolls back what it did'(t, server) {
    const database = await testDatabase(t, server);
    const images = new ImageTable(database);
    const image = newImage();
    const failed = images.holdingContent(image.sha256, async (within) => {
      await images.upsert(image, within);
      assert.equal(await images.countBySha256(image.sha256, within), 1);
      throw new Error('changed my mind');
    });
    await assert.rejects(failed, /changed my mind/);
    assert.equal(await images.get(image.id), undefined);
  },

  async 'work on one content goes one after another, on different contents side by side'(
    t,
    server,
  ) {
    const images = new ImageTable(await testDatabase(t, server));
    const [image, other] = [newImage(), newImage()];
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const first = images.holdingContent(image.sha256, async () => {
      entered.resolve();
      await gate.promise;
      order.push('first');
    });
    await entered.promise;
    const second = images.holdingContent(image.sha256, async () => void order.push('second'));
    await images.holdingContent(other.sha256, async () => void order.push('other'));
    gate.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(order, ['other', 'first', 'second']);
  },

  async 'an image that came while the database was away keeps its time'(t, server) {
    const images = new ImageTable(await testDatabase(t, server));
    const createdAt = new Date('2026-01-02T03:04:05.678Z');
    const kept = await images.upsert({ ...newImage(), createdAt });
    assert.deepEqual((await images.get(kept.id))?.createdAt, createdAt);
  },
};

test('images table', async (t) => {
  for (const server of await everyServer(t))
    for (const [name, check] of Object.entries(checks))
      await t.test(`${server.name}: ${name}`, (t) => check(t, server));
});
