import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { Database } from '../../src/db/database.ts';
import { EmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { ImageTable } from '../../src/db/images.ts';
import { preparedDirectory, temporaryDirectory } from '../support/postgres.ts';
import { killHard, nextMessage, startChild } from './fixtures/child.ts';

const signal = AbortSignal.timeout(600_000); // of the whole file
const ownerReport = z.object({ pid: z.int(), id: z.uuid() });

function embedded(t: TestContext, directory: string): EmbeddedPostgres {
  const server = new EmbeddedPostgres({ directory });
  t.after(() => server.stop());
  return server;
}

async function ask(server: EmbeddedPostgres, text: string): Promise<unknown> {
  const client = new Client(await server.start(signal));
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(text)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}

/** Processes with `directory` in their command line. */
function processesOn(directory: string): string[] {
  const all = execFileSync('ps', ['-ww', '-eo', 'pid=,stat=,command='], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(directory) && line.includes('postgres'));
}

async function untilNoProcess(directory: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (processesOn(directory).length > 0 && Date.now() < deadline) await sleep(20);
  assert.deepEqual(processesOn(directory), []);
}

test('first start, stop, second start', async (t) => {
  const directory = join(await temporaryDirectory(), 'postgres');
  const first = embedded(t, directory);
  let started = performance.now();
  assert.match(String(await ask(first, 'select version() as answer')), /^PostgreSQL 18/);
  t.diagnostic(`first start ${(performance.now() - started).toFixed(0)} ms`);
  assert.equal(await ask(first, "select current_setting('fsync') as answer"), 'on');
  assert.equal(await ask(first, "select current_setting('listen_addresses') as answer"), '');
  await ask(first, 'create table kept as select 42 as answer');
  await first.stop();
  await untilNoProcess(directory);
  started = performance.now();
  assert.equal(await ask(embedded(t, directory), 'select answer from kept'), 42);
  t.diagnostic(`second start ${(performance.now() - started).toFixed(0)} ms`);
});

test('a long path gets its socket elsewhere, privately', async (t) => {
  const directory = join(await temporaryDirectory(), 'long'.repeat(30));
  const server = embedded(t, directory);
  const { host = '' } = await server.start(signal);
  assert.ok(host.length < 103 && !host.startsWith(directory));
  assert.equal(await ask(server, 'select 1 as answer'), 1);
  await server.stop();
  assert.equal(existsSync(host), false);
});

test('a second server on one directory is refused, and the first goes on', async (t) => {
  const directory = await preparedDirectory();
  const first = embedded(t, directory);
  await first.start(signal);
  await assert.rejects(embedded(t, directory).start(signal), /belongs to another server that runs/);
  assert.equal(await ask(first, 'select 1 as answer'), 1);
});

test('kill -9 of the program ends postgres and keeps what was committed', async (t) => {
  const directory = await preparedDirectory();
  const program = startChild(t, 'postgres-owner.ts', directory);
  const { pid, id } = ownerReport.parse(await nextMessage(program));
  assert.ok(processesOn(directory).some((line) => line.trim().startsWith(String(pid))));
  await killHard(program);
  await untilNoProcess(directory);
  const database = new Database({ source: embedded(t, directory) });
  t.after(() => database.close());
  database.start();
  await database.ready(60_000);
  assert.equal((await new ImageTable(database).get(id))?.id, id);
});

test('a restart right after kill -9 waits for the postgres that still shuts down', async (t) => {
  const directory = await preparedDirectory();
  const program = startChild(t, 'postgres-owner.ts', directory);
  const { pid } = ownerReport.parse(await nextMessage(program));
  process.kill(pid, 'SIGSTOP'); // it cannot shut down yet
  await killHard(program);
  const server = embedded(t, directory);
  const answer = ask(server, 'select count(*)::int as answer from images');
  await sleep(100);
  process.kill(pid, 'SIGCONT');
  assert.equal(await answer, 1);
});

test('kill -9 in the middle of initdb leaves nothing half made', async (t) => {
  const directory = await temporaryDirectory();
  const program = startChild(t, 'postgres-owner.ts', directory);
  const deadline = Date.now() + 60_000;
  const unfinished = () => readdirSync(directory).find((name) => name.startsWith('cluster.new-'));
  // The first file that initdb writes; it has hundreds to go.
  const halfway = () => existsSync(join(directory, unfinished() ?? '', 'data/PG_VERSION'));
  while (!halfway() && Date.now() < deadline) await sleep(1);
  await killHard(program);
  assert.equal(existsSync(join(directory, 'cluster')), false);
  const server = embedded(t, directory);
  assert.equal(await ask(server, 'select 1 as answer'), 1);
  assert.equal(unfinished(), undefined);
});

test("a stale pid file is no obstacle, even with another program's process id", async (t) => {
  const directory = await preparedDirectory();
  const server = embedded(t, directory);
  await server.start(signal);
  await server.stop();
  const pidFile = join(directory, 'cluster', 'data', 'postmaster.pid');
  for (const pid of [process.ppid, 4_000_000]) {
    writeFileSync(
      pidFile,
      `${pid}\n${join(directory, 'cluster', 'data')}\n1\n5432\n${directory}\n\n`,
    );
    assert.equal(await ask(server, 'select 1 as answer'), 1);
    await server.stop();
  }
});

test('when postgres cannot start, the error has its last words', async (t) => {
  const directory = await temporaryDirectory();
  mkdirSync(join(directory, 'cluster', 'data'), { recursive: true });
  writeFileSync(join(directory, 'cluster', 'password'), 'x');
  await assert.rejects(
    embedded(t, directory).start(signal),
    /did not start.*postgresql\.conf|PG_VERSION|invalid permissions|does not exist/s,
  );
});
