import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `postmaster.pid` says: https://www.postgresql.org/docs/current/storage-file-layout.html */
export interface Postmaster {
  readonly pid: number;
  /** Connections are accepted. */
  readonly ready: boolean;
}

/** Reads `postmaster.pid` in the PostgreSQL data directory `data`; undefined when there is none. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return pid > 0 ? { pid, ready: lines[7]?.startsWith('ready') ?? false } : undefined;
}

/** Signal and how long to wait for the end after it; the first is the watcher's own work. */
const steps = [
  [0, 3_000],
  ['SIGINT', 10_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 3_000],
] as const;

/**
 * Ends a postgres that a killed server left in `data`, and removes the pid file when its process id
 * belongs to another program by now, which postgres itself would take for a running server. Only
 * for the holder of the directory's lock.
 */
export async function endLeftover(data: string): Promise<void> {
  const found = await readPostmaster(data);
  if (found === undefined || !isAlive(found.pid)) return;
  if (!(await isPostgresOn(found.pid, data))) {
    await rm(join(data, 'postmaster.pid'), { force: true });
    return;
  }
  for (const [signal, wait] of steps) {
    if (signal !== 0) kill(found.pid, signal);
    if (await endsWithin(found.pid, wait)) return;
  }
}

async function endsWithin(pid: number, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

const isAlive = (pid: number) => kill(pid, 0);

async function isPostgresOn(pid: number, data: string): Promise<boolean> {
  // Without a cheap way to see another process's command, assume the worst.
  if (process.platform === 'win32') return true;
  const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
    timeout: 2_000,
  }).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && stdout.includes(data);
}
