import { readdirSync } from 'node:fs';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { dumpSchema } from '../../scripts/schema.ts';
import { Database } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openPool } from '../../src/db/pool.ts';
import { everyServer, testSource } from '../support/postgres.ts';

/** In the order of their numbers, as the folder has them. */
const known = readdirSync(new URL('../../src/db/migrations', import.meta.url))
  .filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name))
  .map((name) => name.slice(0, -'.sql'.length))
  .toSorted();

const signal = AbortSignal.timeout(600_000);
const limits = { connections: 2, connectTimeoutMs: 30_000, statementTimeoutMs: 30_000 };
const committed = readFileSync(new URL('../../src/db/schema.sql', import.meta.url), 'utf8');

test('migrations', async (t) => {
  for (const server of await everyServer(t)) {
    await t.test(`${server.name}: servers that start at once migrate once`, async (t) => {
      const target = await (await testSource(t, server)).start(signal);
      const pools = Array.from({ length: 4 }, () => openPool(target, limits, () => {}));
      t.after(() => Promise.all(pools.map((pool) => pool.destroy())));
      const ran = await Promise.all(pools.map(migrate));
      assert.deepEqual(ran.flat(), known);
      for (const pool of pools) assert.deepEqual(await migrate(pool), []);
    });

    await t.test(`${server.name}: make the committed schema`, async (t) => {
      const db = openPool(await (await testSource(t, server)).start(signal), limits, () => {});
      t.after(() => db.destroy());
      await migrate(db);
      assert.equal(await dumpSchema(db), committed);
    });
  }
});

test('a database from a newer version is refused', async (t) => {
  const source = await testSource(t);
  const db = openPool(await source.start(signal), limits, () => {});
  t.after(() => db.destroy());
  await migrate(db);
  await sql`insert into fovea_migration values ('9999-future', 'now')`.execute(db);
  await assert.rejects(
    migrate(db),
    new RegExp(`does not know \\(9999-future\\); the newest it knows is ${known.at(-1)}`),
  );
  const database = new Database({ source });
  t.after(() => database.close());
  database.start();
  await assert.rejects(database.ready(1_000), /9999-future/);
});

test('scripts/schema.ts --check agrees with the committed file', async () => {
  const script = new URL('../../scripts/schema.ts', import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [script, '--check'], { timeout: 120_000 });
});
