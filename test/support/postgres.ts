/**
 * Real PostgreSQL servers for tests. A test file has at most one of each kind, started on first
 * use and ended with the file; every test gets a database of its own in it, in some 0.1 s.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { ConnectionTarget, DatabaseSource } from '../../src/db/database-source.ts';
import { Database } from '../../src/db/database.ts';
import { EmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { placeCluster } from './prepared-cluster.ts';

const run = promisify(execFile);

/** A server that tests may use. */
export interface TestServer {
  readonly name: string;
  readonly target: ConnectionTarget;
}

/** An empty directory, removed at the end of the test file, when all that uses it has ended. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-test-'));
  endings.push(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}

let prepared: Promise<string> | undefined;

/** A directory in which an `EmbeddedPostgres` ran and stopped: an initdb saved. */
export async function preparedDirectory(): Promise<string> {
  prepared ??= prepare();
  const directory = await temporaryDirectory();
  await run('cp', ['-a', `${await prepared}/.`, directory]);
  return directory;
}

async function prepare(): Promise<string> {
  const directory = await temporaryDirectory();
  await placeCluster(directory);
  return directory;
}

/** A `Database` on a fresh, migrated database of `server` (default: the embedded one). Closed after the test. */
export async function testDatabase(t: TestContext, server?: TestServer): Promise<Database> {
  const database = new Database({ source: await testSource(t, server) });
  t.after(() => database.close());
  database.start();
  await database.ready(60_000);
  return database;
}

/** A fresh, empty database of `server`, for tests that make their own `Database`. */
export async function testSource(t: TestContext, server?: TestServer): Promise<DatabaseSource> {
  const { name, target } = server ?? (await embeddedServer());
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(target, `create database ${database} template template0`);
  t.after(() => onServer(target, `drop database if exists ${database} with (force)`));
  return {
    name,
    start: () => Promise.resolve({ ...target, database }),
    stop: () => Promise.resolve(),
    onLost: () => {},
  };
}

async function onServer(target: ConnectionTarget, statement: string): Promise<void> {
  const client = new Client({ ...target, connectionTimeoutMillis: 30_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

let embedded: Promise<TestServer> | undefined;

/** The embedded server of this test file, on loopback TCP with a password. */
export async function embeddedServer(): Promise<TestServer> {
  embedded ??= startEmbedded();
  return embedded;
}

async function startEmbedded(): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-test-server-'));
  await placeCluster(directory);
  const server = new EmbeddedPostgres({
    directory,
    transport: 'loopback',
    settings: { fsync: 'off' },
  });
  endings.push(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const target = await server.start(AbortSignal.timeout(120_000));
  return { name: 'embedded PostgreSQL 18', target };
}

const debianBinaries = '/usr/lib/postgresql/15/bin';
let debian: Promise<TestServer> | undefined;

/** Debian's PostgreSQL 15, run as its user `postgres`; undefined where it is not installed. */
async function debianServer(): Promise<TestServer | undefined> {
  if (!existsSync(debianBinaries) || process.getuid?.() !== 0) return undefined;
  debian ??= startDebian();
  return debian;
}

async function startDebian(): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-test-server-15-'));
  await run('chown', ['postgres', directory]);
  const asPostgres = (...args: string[]) =>
    run('runuser', ['-u', 'postgres', '--', ...args], { cwd: '/' });
  const data = join(directory, 'data');
  const control = join(debianBinaries, 'pg_ctl');
  endings.push(async () => {
    await asPostgres(control, '-D', data, '-m', 'immediate', 'stop');
    await rm(directory, { recursive: true, force: true });
  });
  const initdb = [
    '-D',
    data,
    '-U',
    'fovea',
    '--auth=trust',
    '--no-sync',
    '--locale=C',
    '-E',
    'UTF8',
  ];
  await asPostgres(join(debianBinaries, 'initdb'), ...initdb);
  const options = `-h '' -k ${directory} -c fsync=off`;
  await asPostgres(control, '-D', data, '-w', '-l', join(directory, 'log'), '-o', options, 'start');
  const target = { host: directory, port: 5432, user: 'fovea', database: 'postgres' };
  return { name: 'Debian PostgreSQL 15', target };
}

/**
 * Every server that this machine has: the embedded one always. Says in the test's output which one
 * is missing, so that nothing is left out silently.
 */
export async function everyServer(t: TestContext): Promise<TestServer[]> {
  const old = await debianServer();
  if (old === undefined)
    t.diagnostic(`not run: no PostgreSQL 15 in ${debianBinaries}, or not root`);
  const servers = [await embeddedServer(), ...(old === undefined ? [] : [old])];
  t.diagnostic(`run on: ${servers.map(({ name }) => name).join(', ')}`);
  return servers;
}

const endings: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of endings.toReversed()) await end();
});
