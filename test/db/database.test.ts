import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import test, { type TestContext } from 'node:test';
import { CompiledQuery, sql } from 'kysely';
import type { DatabaseSource } from '../../src/db/database-source.ts';
import { Database, type DatabaseState } from '../../src/db/database.ts';
import { EmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { externalPostgres } from '../../src/db/external-postgres.ts';
import { FoveaError } from '../../src/errors.ts';
import { embeddedServer, preparedDirectory, testDatabase } from '../support/postgres.ts';

function open(t: TestContext, source: DatabaseSource) {
  const states: DatabaseState[] = [];
  const database = new Database({ source, onChange: (state) => states.push(state) });
  t.after(() => database.close());
  database.start();
  return { database, states };
}

const select1 = (database: Database) => database.query((db) => sql`select 1`.execute(db));

function isUnavailable(error: unknown): boolean {
  assert.ok(error instanceof FoveaError);
  assert.equal(error.code, 'DATABASE_UNAVAILABLE');
  assert.ok(Number(error.details['retry_after_seconds']) >= 1);
  return true;
}

async function url(changes: { password?: string; port?: string } = {}): Promise<string> {
  const { target } = await embeddedServer();
  const made = new URL(`postgres://${target.host}:${changes.port ?? target.port}/postgres`);
  made.username = target.user ?? '';
  made.password = changes.password ?? target.password ?? '';
  return made.href;
}

test('queries are refused while it starts, and run once it is up', async (t) => {
  const { database, states } = open(
    t,
    new EmbeddedPostgres({ directory: await preparedDirectory() }),
  );
  assert.deepEqual(database.state, { status: 'starting' });
  await assert.rejects(select1(database), isUnavailable);
  await assert.rejects(database.ready(1), /still starting/);
  await database.ready(60_000);
  await select1(database);
  await database.ping(AbortSignal.timeout(30_000));
  for (const query of [sql`select ${'a\0b'}::text`, sql`select ${'"\\u0000"'}::jsonb`])
    await assert.rejects(
      database.query((db) => query.execute(db)),
      { code: 'REQUEST_INVALID' },
    );
  assert.deepEqual(
    states.map(({ status }) => status),
    ['up'],
  );
  await database.close();
  await assert.rejects(select1(database), isUnavailable);
});

test('postgres killed with -9: refused meanwhile, then up again by itself', async (t) => {
  const source = new EmbeddedPostgres({ directory: await preparedDirectory() });
  const { database, states } = open(t, source);
  await database.ready(60_000);
  await database.query((db) => sql`create table kept as select 42 as answer`.execute(db));
  for (const round of [1, 2]) {
    const killed = performance.now();
    process.kill(source.pid ?? 0, 'SIGKILL');
    // Until they notice, its processes still answer.
    while (database.state.status === 'up') await select1(database).catch(isUnavailable);
    await assert.rejects(select1(database), isUnavailable);
    await database.ready(60_000);
    t.diagnostic(`round ${round}: up again after ${(performance.now() - killed).toFixed(0)} ms`);
    const { rows } = await database.query((db) => sql`select answer from kept`.execute(db));
    assert.deepEqual(rows, [{ answer: 42 }]);
  }
  const statuses = states.map(({ status }) => status);
  assert.equal(statuses[0], 'up');
  assert.equal(statuses[1], 'down');
  assert.equal(statuses.at(-1), 'up');
});

test('SQL errors stay SQL errors; a statement that takes too long is unavailability', async (t) => {
  const database = await testDatabase(t);
  const wrong = database.query((db) => sql`select 1 / 0`.execute(db));
  await assert.rejects(wrong, (error) => !(error instanceof FoveaError));
  const slow = database.transaction(async (within) => {
    await sql`set local statement_timeout = 50`.execute(within);
    await sql`select pg_sleep(5)`.execute(within);
  });
  await assert.rejects(slow, isUnavailable);
  await select1(database);
  assert.equal(database.state.status, 'up');
});

test('a connection that the server ends breaks its own query only', async (t) => {
  const database = await testDatabase(t);
  const suicide = database.query((db) =>
    sql`select pg_terminate_backend(pg_backend_pid())`.execute(db),
  );
  await assert.rejects(suicide, isUnavailable);
  await select1(database);
  assert.equal(database.state.status, 'up');
});

test('a transaction that several statements in one text leave open fails nobody else', async (t) => {
  const database = await testDatabase(t);
  for (const text of ['BEGIN; select 1/0; COMMIT', 'BEGIN; select 1']) {
    const left = database.query((db) => db.executeQuery(CompiledQuery.raw(text)));
    if (text.includes('/0')) await assert.rejects(left, /division by zero/);
    else await left;
    await Promise.all(Array.from({ length: 20 }, () => select1(database)));
    const { rows } = await database.query((db) =>
      sql<{ open: number }>`select count(*)::int as open from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'`.execute(db),
    );
    assert.equal(rows[0]?.open, 0, text);
  }
});

test('ping obeys its signal', async (t) => {
  const database = await testDatabase(t);
  await assert.rejects(database.ping(AbortSignal.abort(new Error('enough'))), /enough/);
});

test('an external server by URL, with a password', async (t) => {
  const { database } = open(t, externalPostgres(await url()));
  await database.ready(60_000);
  await select1(database);
});

test('what is wrong with DATABASE_URL is said without its password', async (t) => {
  for (const bad of ['mysql://bob:s3cret@host/db', 'postgres://bob:s3/cr#et@', 's3cret']) {
    assert.throws(
      () => externalPostgres(bad),
      (error) => {
        assert.ok(error instanceof FoveaError);
        assert.match(error.message, /DATABASE_URL is not a PostgreSQL URL/);
        assert.doesNotMatch(JSON.stringify([error.message, error.cause, error.details]), /s3cret/);
        return true;
      },
    );
  }
  const cases: [string, RegExp][] = [
    [
      await url({ password: 's3cret' }),
      /127\.0\.0\.1:\d+\/postgres \(as fovea\).*password authentication/,
    ],
    [await url({ password: 's3cret', port: '1' }), /ECONNREFUSED/],
  ];
  for (const [address, reason] of cases) {
    const { database, states } = open(t, externalPostgres(address));
    await assert.rejects(
      database.ready(400),
      (error) => isUnavailable(error) && reason.test(String(error)),
    );
    assert.doesNotMatch(JSON.stringify(states), /s3cret/);
  }
});

test('a server that accepts and never answers does not hang anybody', async (t) => {
  const silent = createServer((socket) => t.after(() => socket.destroy())).listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const { database } = open(t, externalPostgres(await url({ port })));
  await assert.rejects(database.ready(200), isUnavailable);
});
