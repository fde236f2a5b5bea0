import { mkdir, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FoveaError } from '../errors.ts';
import { CLUSTER_USER, openCluster, type Cluster } from './cluster.ts';
import type { ConnectionTarget, DatabaseSource } from './database-source.ts';
import { FileLock } from './file-lock.ts';
import { GuardedProcess } from './guarded-process.ts';
import { choosePostgresAccount } from './postgres-account.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { endLeftover, readPostmaster } from './postmaster-file.ts';
import { socketDirectory } from './socket-directory.ts';

export interface EmbeddedPostgresOptions {
  /** Its own folder inside the data directory; made with mode 0700. */
  readonly directory: string;
  /** Default: a unix socket; on Windows, 127.0.0.1 with a random port and a password. */
  readonly transport?: 'socket' | 'loopback';
  /** Every line that postgres logs. */
  readonly onLine?: (line: string) => void;
  /** PostgreSQL settings, over the built-in ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Recovery after a kill reads at most `max_wal_size` back, which takes seconds. */
  readonly startTimeoutMs?: number;
}

/**
 * Durable, small and closed: no TCP, little memory, and of PostgreSQL's background work only what a
 * single server needs (no replication, so minimal WAL).
 */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '32MB',
  max_connections: '40',
  max_wal_size: '256MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  logging_collector: 'off',
  unix_socket_permissions: '0700',
};

/** Signal and how long to wait for the end after it. */
const shutdown = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 2_000],
] as const;

/**
 * A PostgreSQL server of our own, from the binaries that npm installs.
 *
 *     stopped --start--> starting --ready--> running --dies--> stopped (listeners are told)
 *                                               `------stop-----> stopped
 *
 * It ends with this process, however that ends. Restarting after a crash is the caller's decision:
 * `Database` calls `start` again, with a back-off.
 */
export class EmbeddedPostgres implements DatabaseSource {
  readonly name = 'embedded PostgreSQL';
  readonly #options: EmbeddedPostgresOptions;
  readonly #listeners: ((reason: string) => void)[] = [];
  #lock: FileLock | undefined;
  #server: GuardedProcess | undefined;
  #target: ConnectionTarget | undefined;
  #starting: Promise<ConnectionTarget> | undefined;
  #temporarySockets: string | undefined;
  #port = 0;

  constructor(options: EmbeddedPostgresOptions) {
    this.#options = options;
  }

  /** Process id of postgres while it runs. */
  get pid(): number | undefined {
    return this.#server?.running === true ? this.#server.pid : undefined;
  }

  onLost(listener: (reason: string) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Resolves when connections are accepted. Throws `DATABASE_UNAVAILABLE` with the last lines that
   * postgres wrote, and when another process has the directory.
   */
  async start(signal: AbortSignal): Promise<ConnectionTarget> {
    if (this.#target !== undefined && this.#server?.running === true) return this.#target;
    this.#starting ??= this.#launch(signal).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Fast shutdown; harder after 10 s, and at most 15 s in all. The lock is free afterwards. */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => {});
    this.#target = undefined;
    await this.#endServer();
    if (this.#temporarySockets !== undefined)
      await rm(this.#temporarySockets, { recursive: true, force: true });
    this.#lock?.release();
    this.#lock = undefined;
  }

  async #launch(signal: AbortSignal): Promise<ConnectionTarget> {
    signal.throwIfAborted();
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    const directory = await realpath(resolve(this.#options.directory));
    this.#lock ??= takeLock(directory);
    const binaries = await findPostgresBinaries();
    const account = await choosePostgresAccount(binaries.postgres, directory);
    const cluster = await openCluster(directory, binaries, account);
    await endLeftover(cluster.data);
    signal.throwIfAborted();
    const { target, listen } = await this.#transport(directory, cluster, account.uid);
    const command = [binaries.postgres, '-D', cluster.data, ...listen, ...this.#flags()] as const;
    const { onLine } = this.#options;
    const server = new GuardedProcess({ command, account, pgCtl: binaries.pgCtl, onLine });
    this.#server = server;
    await this.#untilReady(server, cluster.data, signal);
    this.#target = target;
    void server.exited.then(() => this.#ended(server));
    return target;
  }

  async #transport(directory: string, { password }: Cluster, uid: number | undefined) {
    const transport =
      this.#options.transport ?? (process.platform === 'win32' ? 'loopback' : 'socket');
    const login = { user: CLUSTER_USER, database: 'postgres' };
    if (transport === 'loopback') {
      this.#port ||= await freePort(); // the same after a crash, so that a pool stays valid
      const target = { ...login, host: '127.0.0.1', port: this.#port, password };
      const sockets = ['-c', 'unix_socket_directories='];
      return { target, listen: ['-h', '127.0.0.1', '-p', String(this.#port), ...sockets] };
    }
    const host = socketDirectory(directory, uid);
    if (host !== directory) this.#temporarySockets = host;
    return { target: { ...login, host, port: 5432 }, listen: ['-h', '', '-p', '5432', '-k', host] };
  }

  async #untilReady(server: GuardedProcess, data: string, signal: AbortSignal): Promise<void> {
    const timeout = this.#options.startTimeoutMs ?? 60_000;
    const deadline = Date.now() + timeout;
    while (server.running && !signal.aborted && Date.now() < deadline) {
      const found = await readPostmaster(data);
      if (found?.ready === true && found.pid === server.pid) return;
      await sleep(5);
    }
    const reason = server.running ? `not ready after ${timeout / 1000} s` : 'it ended';
    await this.#endServer();
    signal.throwIfAborted();
    throw new FoveaError(
      'DATABASE_UNAVAILABLE',
      `The embedded PostgreSQL did not start (${reason}). Its last words: ${server.tail || 'none'}`,
    );
  }

  #flags(): string[] {
    const all = Object.entries({ ...settings, ...this.#options.settings });
    return all.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }

  #ended(server: GuardedProcess): void {
    if (this.#target === undefined || this.#server !== server) return;
    this.#target = undefined;
    const reason = `The embedded PostgreSQL ended by itself. Its last words: ${server.tail || 'none'}`;
    for (const listener of this.#listeners) listener(reason);
  }

  async #endServer(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    for (const [signal, wait] of shutdown) {
      server.signal(signal);
      if (await server.endsWithin(wait)) break;
    }
    this.#server = undefined;
  }
}

function takeLock(directory: string): FileLock {
  const lock = FileLock.take(join(directory, 'lock'));
  if (lock !== undefined) return lock;
  const message = `The embedded PostgreSQL in ${directory} belongs to another server that runs. One server per data directory: stop that one, or set FOVEA_DATA_DIR to another directory.`;
  throw new FoveaError('DATABASE_UNAVAILABLE', message);
}

/** A port that was free a moment ago; if it is lost until postgres takes it, the start is retried. */
async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  await new Promise((done) => void server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
