import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { CLUSTER_USER } from '../../src/db/cluster.ts';
import type { TestServer } from './server.ts';

/** Asks the database of a running server past the server: what is really in it. */
export async function queryDatabase<Row extends object>(
  server: Pick<TestServer, 'dataDirectory'>,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const pidFile = join(server.dataDirectory, 'postgres/cluster/data/postmaster.pid');
  // Its fourth and fifth lines: https://www.postgresql.org/docs/current/storage-file-layout.html
  const [, , , port, host] = (await readFile(pidFile, 'utf8')).split('\n');
  const client = new Client({
    host,
    port: Number(port),
    user: CLUSTER_USER,
    database: 'postgres',
    connectionTimeoutMillis: 30_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    return (await client.query<Row>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}
