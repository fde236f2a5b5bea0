import { createHash } from 'node:crypto';
import { chownSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FoveaError } from '../errors.ts';

/** `sun_path` holds 104 bytes on macOS, 108 on Linux, with a final zero. */
const MAX_SOCKET_PATH_BYTES = 103;
/** The longest name that PostgreSQL puts there. */
const SOCKET_NAME = '.s.PGSQL.5432.lock';

/**
 * Where the socket of the cluster in `directory` goes: there, or, when that path is too long for a
 * socket, in a private directory (0700, ours) under the system's temporary directory, named after
 * the real path. `uid`: who runs postgres, if not this user.
 */
export function socketDirectory(directory: string, uid?: number, temporary = tmpdir()): string {
  if (fits(directory)) return directory;
  const hash = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 16);
  const path = [temporary, '/tmp'].map((base) => join(base, `fovea-${hash}`)).find(fits);
  if (path === undefined) throw tooLong(directory, temporary);
  makePrivate(path, uid);
  return path;
}

function fits(directory: string): boolean {
  return Buffer.byteLength(join(directory, SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES;
}

/** Anybody may write to /tmp, so a directory that is there already is only used when it is ours. */
function makePrivate(path: string, uid = process.getuid?.()): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (uid !== undefined && process.getuid?.() === 0 && lstatSync(path).uid === 0)
    chownSync(path, uid, uid);
  const found = lstatSync(path);
  const ours = found.isDirectory() && (uid === undefined || found.uid === uid);
  if (ours && (found.mode & 0o077) === 0) return;
  const message = `The socket directory ${path} is not a directory with mode 0700 of user ${uid}. Remove it, or set FOVEA_DATA_DIR to a shorter path.`;
  throw new FoveaError('DATABASE_UNAVAILABLE', message);
}

function tooLong(directory: string, temporary: string): FoveaError {
  const message = `Neither ${directory} nor ${temporary} can hold a unix socket: the path may have ${MAX_SOCKET_PATH_BYTES} bytes. Set FOVEA_DATA_DIR to a shorter path.`;
  return new FoveaError('DATABASE_UNAVAILABLE', message);
}
