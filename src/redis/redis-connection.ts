import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { Breaker } from '../dependencies/breaker.ts';
import type { BreakerState, DependencyState } from '../dependencies/dependency.ts';
import { isRedisFailure } from './redis-errors.ts';
import { redisTarget } from './redis-url.ts';

export interface RedisOptions {
  /** `redis://`, `rediss://` or `unix://`; see `redisTarget`. */
  readonly url: string;
  /** Longest wait for one command; what takes longer counts as failed. */
  readonly timeoutMs: number;
  /** Put before every key. Not before what `SCAN` is asked for or answers. */
  readonly keyPrefix: string;
  /** After each command that was sent. */
  readonly onOperation?: (operation: string, ms: number, ok: boolean) => void;
  readonly onChange?: (state: BreakerState, reason: string | undefined) => void;
}

export type RedisClient = ReturnType<typeof connect>;

const connectTimeoutMs = 2_000;
/** Replies on an idle connection come at least as often as pings; silence for longer ends a greeting that hangs. */
const pingIntervalMs = 2_000;
const silenceMs = 5_000;
const longestQueue = 10_000;
const closeTimeoutMs = 500;
/** Commands in a row without an answer, after which the connection itself is suspected. */
const timeoutsToRenew = 3;
/** 50 ms, doubled each time, at most 2 s, spread so that servers do not come back in step. */
const reconnectPause = (attempt: number): number =>
  Math.min(50 * 2 ** attempt, 2_000) * (0.8 + Math.random() * 0.4);

/**
 * One connection to Redis or Valkey, which may be away at any time. `start` returns at once and
 * connects in the background, again and again. While it is away, or does not answer in time, every command is refused
 * at once with `DependencyUnavailable`: nothing waits for it to return, and nothing is queued.
 */
export class RedisConnection {
  readonly #options: RedisOptions;
  readonly #breaker: Breaker;
  #client: RedisClient | undefined;
  #timeouts = 0;
  #closed = false;

  constructor(options: RedisOptions) {
    this.#options = options;
    this.#breaker = new Breaker({
      dependency: 'redis',
      isFailure: isRedisFailure,
      probe: async () => await this.#send('ping', async (client) => await client.ping()),
      ...(options.onChange ? { onChange: options.onChange } : {}),
    });
    this.#breaker.trip(new Error('it is not connected yet'));
  }

  /** Begins to connect, in the background. Idempotent. */
  start(): void {
    if (!this.#closed) this.#client ??= this.#open();
  }

  get up(): boolean {
    return this.#breaker.state === 'closed';
  }

  get state(): DependencyState {
    return this.#breaker.snapshot;
  }

  /**
   * Sends what `command` sends. A command that got no answer in time may still be carried out:
   * commands must be safe to find done, or to be repeated.
   * @param operation names it in metrics: a word of the product, not a key.
   * @throws DependencyUnavailable when Redis is away or too slow; errors about the command itself as they are.
   */
  async run<T>(operation: string, command: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await this.#breaker.run(async () => await this.#send(operation, command));
    } catch (error) {
      throw isRedisFailure(error) ? this.#breaker.unavailable(error) : error;
    }
  }

  /** Asks whether it is there, whatever the breaker thinks. @throws when there is no answer in time. */
  async ping(): Promise<void> {
    await this.#send('ping', async (client) => await client.ping());
  }

  /** Gives commands under way a moment, then disconnects for good. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#breaker.close();
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    if (client.isReady) await Promise.race([client.close(), sleep(closeTimeoutMs)]);
    client.destroy();
  }

  #open(): RedisClient {
    const client = connect(this.#options);
    client.on('connect', () => {
      if (client !== this.#client) client.destroy(); // given up while it connected
    });
    client.on('ready', () => {
      if (client === this.#client) void this.#breaker.tryNow();
    });
    client.on('error', (error: Error) => {
      if (client === this.#client) this.#breaker.trip(error);
    });
    client.connect().catch(() => undefined); // said by `error`; ends only with `close`
    return client;
  }

  async #send<T>(operation: string, command: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (client?.isReady !== true) throw new Error('it is not connected');
    const started = performance.now();
    let ok = false;
    try {
      const reply = await this.#timely(client, command(client));
      ok = true;
      return reply;
    } catch (error) {
      ok = !isRedisFailure(error);
      throw error;
    } finally {
      this.#options.onOperation?.(operation, performance.now() - started, ok);
    }
  }

  /** The client's own time-outs end when a command is on its way, which is where a server hangs. */
  async #timely<T>(client: RedisClient, answer: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#options;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#timedOut(client);
      reject(new Error(`it did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      const reply = await Promise.race([answer, late]);
      this.#timeouts = 0;
      return reply;
    } finally {
      clearTimeout(timer);
      answer.catch(() => undefined);
    }
  }

  /** A connection on a dead network hangs for minutes before the system ends it; a new one does not. */
  #timedOut(client: RedisClient): void {
    if (client !== this.#client || ++this.#timeouts < timeoutsToRenew) return;
    this.#timeouts = 0;
    this.#client = undefined;
    client.destroy();
    this.start();
  }
}

function connect({ url, keyPrefix }: RedisOptions) {
  const { socket, ...target } = redisTarget(url);
  return createClient({
    ...target,
    name: 'fovea',
    keyPrefix,
    RESP: 3,
    disableOfflineQueue: true,
    commandsQueueMaxLength: longestQueue,
    pingInterval: pingIntervalMs,
    maintNotifications: 'disabled',
    socket: {
      ...socket,
      connectTimeout: connectTimeoutMs,
      socketTimeout: silenceMs,
      reconnectStrategy: reconnectPause,
    } as NonNullable<typeof socket>,
  });
}
