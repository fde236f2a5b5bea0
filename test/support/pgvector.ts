import { after } from 'node:test';
import { startPgvector } from './pgvector-server.ts';
import type { TestServer } from './postgres.ts';

let started: ReturnType<typeof startPgvector> | undefined;
after(async () => (await started)?.end());

/** A PostgreSQL that has pgvector, started on first use and ended with the test file. */
export async function pgvectorServer(): Promise<TestServer> {
  started ??= startPgvector(['maintenance_work_mem=512MB']);
  return (await started).server;
}
