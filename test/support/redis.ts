/** A real Redis for tests: Debian's `redis-server`, on a free port, keeping nothing on disk. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createClient } from '@redis/client';
import { until } from './server.ts';

export interface TestRedis {
  /** For `REDIS_URL`. The port stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  readonly socketPath: string;
  /** Ends it in an orderly way; it forgets everything. */
  readonly stop: () => Promise<void>;
  /** Ends it by SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Starts it again, empty. */
  readonly start: () => Promise<void>;
  /** SIGSTOP: connections stay open, nothing is answered. */
  readonly pause: () => void;
  /** SIGCONT: it carries out what was sent meanwhile. */
  readonly resume: () => void;
  /** A command as words, with what it answers. */
  readonly command: (...words: string[]) => Promise<unknown>;
}

const binary = '/usr/bin/redis-server';

/** Started, and ended with the test or suite that `t` belongs to. */
export async function startRedis(t: Pick<TestContext, 'after'>): Promise<TestRedis> {
  const redis = await launchRedis();
  t.after(redis.close);
  return redis;
}

/** The same for suites, which have no context: call `close` in their `after`. */
export async function launchRedis(): Promise<TestRedis & { readonly close: () => Promise<void> }> {
  if (!existsSync(binary))
    throw new Error(`${binary} is missing: apt-get install redis-server (.ci/run does it)`);
  const directory = await mkdtemp(join(tmpdir(), 'fovea-redis-'));
  const socketPath = join(directory, 'redis.sock');
  const port = await freePort();
  let process: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    process = spawn(binary, [...settings(port, socketPath), '--dir', directory], {
      stdio: 'ignore',
    });
    await until('Redis', async () => await answers(port));
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = process;
    process = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill('SIGCONT'); // a paused one hears nothing else
    ending.kill(signal);
    await exited;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    socketPath,
    start,
    stop: async () => await end('SIGTERM'),
    kill: async () => await end('SIGKILL'),
    pause: () => void process?.kill('SIGSTOP'),
    resume: () => void process?.kill('SIGCONT'),
    command: async (...words) => await ask(port, words),
    close: async () => {
      await end('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function settings(port: number, socketPath: string): string[] {
  const options = { port, bind: '127.0.0.1', unixsocket: socketPath, save: '', appendonly: 'no' };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

async function answers(port: number): Promise<boolean> {
  return await ask(port, ['PING']).then(
    (reply) => reply === 'PONG',
    () => false,
  );
}

async function ask(port: number, words: string[]): Promise<unknown> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(words);
  } finally {
    client.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
