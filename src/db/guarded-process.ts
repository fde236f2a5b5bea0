import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { PostgresAccount } from './postgres-account.ts';

/**
 * Starts "$@" in place of this shell, watched by a shell of its own that reads our pipe: a line
 * means "no longer needed", the end of the pipe means that our process is dead, however it died,
 * and that the program must go: fast shutdown, and after 10 s an immediate one. The watcher is
 * orphaned on purpose (a child unknown to postgres would alarm it) and ignores what a service
 * manager sends to the whole group.
 */
const guard = `exec 3<&0
( (
  trap '' INT TERM HUP
  read -r _ <&3 && exit 0
  kill -INT $$
  n=0
  while kill -0 $$ && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
  kill -QUIT $$
) >/dev/null 2>&1 & )
exec "$@" </dev/null 3<&-`;

/** The same for Windows, where only pg_ctl can send a signal that postgres understands. */
const windowsGuard = `const [pgCtl, pid] = process.argv.slice(1);
process.stdin.on('data', () => process.exit()).on('end', () =>
  require('node:child_process').spawnSync(pgCtl, ['kill', 'INT', pid], { windowsHide: true }));`;

/** Lines of stderr kept for error messages. */
const TAIL_LINES = 20;

export interface GuardedProcessOptions {
  readonly command: readonly [string, ...string[]];
  readonly account: PostgresAccount;
  /** For signals on Windows. */
  readonly pgCtl: string;
  readonly onLine?: ((line: string) => void) | undefined;
}

export type ShutdownSignal = 'SIGINT' | 'SIGQUIT' | 'SIGKILL';

/** A PostgreSQL program that cannot outlive this process. Its own session: Ctrl-C does not reach it. */
export class GuardedProcess {
  /** Settles when the program has ended and its output is read; never rejects. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #pgCtl: string;
  readonly #tail: string[] = [];
  #running = true;

  constructor({ command, account, pgCtl, onLine }: GuardedProcessOptions) {
    this.#pgCtl = pgCtl;
    this.#child = start(command, account);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exited = promise;
    const release =
      process.platform === 'win32' ? watchOnWindows(pgCtl, this.#child.pid) : undefined;
    const end = () => {
      this.#running = false;
      (release ?? this.#child.stdin)?.end('\n');
      resolve();
    };
    this.#child.stdin?.on('error', () => {}); // the watcher is gone already
    this.#child.once('error', (error) => {
      this.#tail.push(error.message);
      end();
    });
    this.#child.once('close', end);
    this.#readErrors(onLine);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Exit code 0. Only meaningful once `exited`. */
  get succeeded(): boolean {
    return this.#child.exitCode === 0;
  }

  /** The last lines of its stderr, at most 20. */
  get tail(): string {
    return this.#tail.join('\n');
  }

  signal(signal: ShutdownSignal): void {
    if (!this.#running) return;
    if (process.platform !== 'win32' || signal === 'SIGKILL') this.#child.kill(signal);
    else spawn(this.#pgCtl, ['kill', signal.slice(3), String(this.pid)], { stdio: 'ignore' });
  }

  /** Resolves with whether the program ended within `ms`. */
  async endsWithin(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, ms, false);
    void this.exited.then(() => resolve(true));
    return promise.finally(() => clearTimeout(timer));
  }

  #readErrors(onLine: ((line: string) => void) | undefined): void {
    if (this.#child.stderr === null) return;
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#tail.push(line);
      if (this.#tail.length > TAIL_LINES) this.#tail.shift();
      onLine?.(line);
    });
  }
}

function start(command: readonly [string, ...string[]], account: PostgresAccount): ChildProcess {
  const who = account.uid === undefined ? {} : { uid: account.uid, gid: account.uid };
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  if (process.platform === 'win32') {
    const [file, ...args] = command;
    return spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
  }
  return spawn('/bin/sh', ['-c', guard, 'sh', ...account.prefix, ...command], {
    ...who,
    env,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

function watchOnWindows(pgCtl: string, pid: number | undefined) {
  const args = ['-e', windowsGuard, pgCtl, String(pid)];
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  const watcher = spawn(process.execPath, args, { stdio: [...stdio], detached: true });
  watcher.on('error', () => {});
  watcher.stdin?.on('error', () => {});
  watcher.unref();
  return watcher.stdin;
}
