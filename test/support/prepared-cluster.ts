import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/db/database.ts';
import { EmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { KeptFolder } from './kept-folder.ts';

const kept = new KeptFolder('cluster', ['src/db/migrations/*', 'src/db/cluster.ts']);

/**
 * Puts a PostgreSQL cluster with the newest schema into `directory`, the folder of an `EmbeddedPostgres` that was never
 * started. How a first start goes has its own tests.
 */
export async function placeCluster(directory: string): Promise<void> {
  if (!(await kept.exists())) await make();
  await kept.copyTo(join(directory, 'cluster'));
}

async function make(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-cluster-'));
  const database = new Database({ source: new EmbeddedPostgres({ directory }) });
  try {
    database.start();
    try {
      await database.ready(120_000);
    } finally {
      await database.close();
    }
    await kept.keep(join(directory, 'cluster'));
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}
