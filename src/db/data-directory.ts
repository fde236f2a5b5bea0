import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import { FileLock } from './file-lock.ts';

const owner = z.object({ pid: z.int().positive(), address: z.string() });
type Owner = z.infer<typeof owner>;

/** How long to wait for a server that has the lock but has not yet written who it is. */
const OWNER_WAIT_MS = 300;

/** This process's hold on a data directory, until `release` or the end of the process. */
export interface DataDirectoryClaim {
  readonly directory: string;
  /** Changes the address that a second server is told, e.g. once the port is known. */
  announce(address: string): void;
  /** Idempotent. */
  release(): void;
}

/**
 * Creates `directory` (mode 0700) if need be and makes this process its only server.
 * Throws `STORAGE_UNAVAILABLE` with the process id and address of the server that has it, or with
 * the reason why the directory cannot be used.
 */
export async function claimDataDirectory(
  directory: string,
  { address }: { address: string },
): Promise<DataDirectoryClaim> {
  const path = resolve(directory);
  const lock = takeLock(path);
  if (lock === undefined) throw inUse(path, await liveOwner(path));
  const announce = (where: string) => writeOwner(path, { pid: process.pid, address: where });
  announce(address);
  return {
    directory: path,
    announce,
    release() {
      rmSync(ownerFile(path), { force: true });
      lock.release();
    },
  };
}

function takeLock(path: string): FileLock | undefined {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return FileLock.take(join(path, 'server.lock'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The data directory ${path} cannot be used: ${reason}. It must be a directory that this process may write; set FOVEA_DATA_DIR.`;
    throw new FoveaError('STORAGE_UNAVAILABLE', message, {}, error);
  }
}

const ownerFile = (path: string) => join(path, 'server.json');

function writeOwner(path: string, value: Owner): void {
  const temporary = `${ownerFile(path)}.new`;
  writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
  renameSync(temporary, ownerFile(path));
}

/** The file may be a moment late, or be the one of an earlier server that was killed. */
async function liveOwner(path: string): Promise<Owner | undefined> {
  const deadline = Date.now() + OWNER_WAIT_MS;
  do {
    const found = readOwner(path);
    if (found !== undefined && isAlive(found.pid)) return found;
    await sleep(20);
  } while (Date.now() < deadline);
  return readOwner(path);
}

function readOwner(path: string): Owner | undefined {
  try {
    return owner.parse(JSON.parse(readFileSync(ownerFile(path), 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function inUse(path: string, by: Owner | undefined): FoveaError {
  const who =
    by === undefined ? 'another server' : `the server at ${by.address} (process ${by.pid})`;
  const message = `The data directory ${path} is in use by ${who}. One server per data directory: stop that one, or set FOVEA_DATA_DIR to another directory.`;
  return new FoveaError('STORAGE_UNAVAILABLE', message, { ...by });
}
