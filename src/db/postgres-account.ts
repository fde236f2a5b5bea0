import { execFile } from 'node:child_process';
import { chmod, chown, lchown, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { FoveaError } from '../errors.ts';

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 5_000;
/** `nobody` on Linux and in most images. */
const NOBODY = 65_534;

/**
 * PostgreSQL refuses to run as root. An account says how to start it so that it sees itself as
 * somebody else: `prefix` is put before the command, `uid` (also the gid) is switched to.
 */
export interface PostgresAccount {
  readonly name: string;
  readonly prefix: readonly string[];
  readonly uid?: number;
}

const direct: PostgresAccount = { name: 'this user', prefix: [] };
/** Root outside, uid 1000 inside; files stay root's. util-linux 2.35 or later. */
const namespace: PostgresAccount = {
  name: 'a user namespace',
  prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'],
};

/**
 * Chooses how to run `postgres` on `directory`, by running `postgres --version` that way. As an
 * ordinary user: directly. As root: in a user namespace, or else as another uid, which then owns
 * the directory; throws `DATABASE_UNAVAILABLE` when neither works.
 */
export async function choosePostgresAccount(
  postgres: string,
  directory: string,
): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return direct;
  const { uid } = await stat(directory);
  const other: PostgresAccount = { name: `uid ${uid || NOBODY}`, prefix: [], uid: uid || NOBODY };
  // A directory that an earlier start gave to another uid can be read by that uid only.
  const order = uid === 0 ? [namespace, other] : [other];
  const failures: string[] = [];
  for (const account of order) {
    const failure = await tryAccount(account, postgres, directory);
    if (failure === undefined) return account;
    failures.push(`as ${account.name}: ${failure}`);
  }
  throw refusal(failures);
}

async function tryAccount(
  account: PostgresAccount,
  postgres: string,
  directory: string,
): Promise<string | undefined> {
  try {
    if (account.uid !== undefined) await giveAway(directory, account.uid);
    const script = 'cd "$1" && shift && exec "$@" "$0" --version';
    const args = ['-c', script, postgres, directory, ...account.prefix];
    const who = account.uid === undefined ? {} : { uid: account.uid, gid: account.uid };
    await run('/bin/sh', args, { ...who, cwd: '/', timeout: PROBE_TIMEOUT_MS });
    return undefined;
  } catch (error) {
    if (account.uid !== undefined) await giveAway(directory, 0);
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
  }
}

/**
 * Makes `uid` the owner of everything in `directory`, and lets it pass through the parent, which is
 * the server's data directory with mode 0700: passing (x) is not listing (r).
 */
async function giveAway(directory: string, uid: number): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true }))
    await lchown(join(directory, entry), uid, uid);
  await chown(directory, uid, uid);
  if (uid === 0) return;
  const parent = dirname(directory);
  const { mode } = await stat(parent);
  await chmod(parent, (mode & 0o7777) | 0o001);
}

function refusal(failures: readonly string[]): FoveaError {
  const message = `The embedded PostgreSQL refuses to run as root, and no other way worked (${failures.join('; ')}). Run Fovea as an ordinary user, or set DATABASE_URL to use a PostgreSQL server of your own.`;
  return new FoveaError('DATABASE_UNAVAILABLE', message);
}
