import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';
import { GuardedProcess } from './guarded-process.ts';
import type { PostgresAccount } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

/** The database superuser of an embedded cluster. */
export const CLUSTER_USER = 'fovea';

const INITDB_TIMEOUT_MS = 60_000;

/** A PostgreSQL data directory and the password for connections over TCP; the socket needs none. */
export interface Cluster {
  readonly data: string;
  readonly password: string;
}

/**
 * Opens the cluster in `directory`, making it on first use. It is made under another name and
 * renamed when complete and synced, so that no kill or power cut leaves half a cluster. The caller
 * holds the lock on `directory`.
 */
export async function openCluster(
  directory: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<Cluster> {
  const home = join(directory, 'cluster');
  const names = await readdir(directory);
  for (const name of names.filter((entry) => entry.startsWith('cluster.new-')))
    // The initdb of a server that was just killed may still be on its way out, and write.
    await rm(join(directory, name), { recursive: true, force: true, maxRetries: 10 });
  if (!names.includes('cluster')) {
    const temporary = await mkdtemp(join(directory, 'cluster.new-'));
    await initialise(temporary, binaries, account);
    await rename(temporary, home);
    await syncDirectory(directory);
  }
  return { data: join(home, 'data'), password: await readFile(join(home, 'password'), 'utf8') };
}

async function initialise(
  directory: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<void> {
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), {
    mode: 0o600,
    flush: true,
  });
  if (account.uid !== undefined)
    for (const path of [directory, passwordFile]) await chown(path, account.uid, account.uid);
  const auth = ['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`];
  const text = ['--encoding=UTF8', '--locale=C'];
  const initdb = new GuardedProcess({
    command: [binaries.initdb, '-D', join(directory, 'data'), '-U', CLUSTER_USER, ...auth, ...text],
    account,
    pgCtl: binaries.pgCtl,
  });
  const ended = await initdb.endsWithin(INITDB_TIMEOUT_MS);
  if (!ended) initdb.signal('SIGKILL');
  if (ended && initdb.succeeded) return;
  const reason = ended ? initdb.tail : `no end after ${INITDB_TIMEOUT_MS / 1000} s`;
  throw new FoveaError(
    'DATABASE_UNAVAILABLE',
    `The embedded PostgreSQL could not create its data directory (initdb): ${reason}`,
  );
}

/** Makes a rename or a new file in `path` survive a power cut. Windows cannot and need not. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
