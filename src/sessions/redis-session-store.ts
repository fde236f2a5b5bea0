import type { RedisClient, RedisConnection } from '../redis/redis-connection.ts';
import {
  expireScript,
  getScript,
  listScript,
  mergeScript,
  type RedisScript,
} from './session-scripts.ts';
import type { SeenSession, SessionPart, SessionState } from './session-state.ts';
import type {
  NewSession,
  SessionCensus,
  SessionListOptions,
  SessionPage,
  SessionStore,
} from './session-store.ts';

export interface RedisSessionStoreOptions {
  readonly connection: RedisConnection;
  /** Milliseconds for which an ended or expired session is still known. */
  readonly keepMs: number;
  /** Longest wait of the connection for an answer, in milliseconds. */
  readonly timeoutMs: number;
}

const root = 'sessions';
/** One script runs for some milliseconds, and everybody else waits for it. */
const mergeAtOnce = 100;
const expireAtOnce = 500;

/**
 * Sessions in Redis or Valkey (6.2 or newer), shared by all servers on it. Each change is one script and so
 * one atomic step. Throws `DependencyUnavailable` when Redis does not answer; a change may then have been made.
 */
export class RedisSessionStore implements SessionStore {
  readonly #connection: RedisConnection;
  readonly #keep: string;
  readonly #timeoutMs: number;
  /** Of Redis's clock against this machine's, in milliseconds; not known before the first answer. */
  #clockAhead: number | undefined;

  constructor({ connection, keepMs, timeoutMs }: RedisSessionStoreOptions) {
    this.#connection = connection;
    this.#keep = String(keepMs);
    this.#timeoutMs = timeoutMs;
  }

  async create({ id, ownerId, ttlMs, metadata }: NewSession): Promise<SeenSession> {
    const moments = { created: 'now', seen: 'now', written: 'now' };
    const whole = { id, owner: ownerId ?? '', ttl: ttlMs, metadata, whole: true, ...moments };
    const [seen] = await this.#merge('session_create', 'any', [whole]);
    if (seen === undefined) throw new TypeError('a session was not created');
    return seen;
  }

  async get(id: string): Promise<SeenSession | undefined> {
    return seenOf((await this.#run('session_get', getScript, [id])) as string[]);
  }

  async change(id: string, part: SessionPart): Promise<SeenSession | undefined> {
    const { lastActivity: seen, active, endedAt: ended, metadata, counts = {} } = part;
    const written = metadata && { metadata: metadata.text, written: metadata.at };
    const change = { id, seen, active, ended, ...written, counts: Object.entries(counts) };
    return (await this.#merge('session_change', 'live', [change]))[0];
  }

  async raise(id: string, node: string, count: number): Promise<SeenSession | undefined> {
    const [seen] = await this.#merge('session_count', 'any', [{ id, counts: [[node, count]] }]);
    return seen;
  }

  async list({ ownerId, status, limit, after }: SessionListOptions): Promise<SessionPage> {
    const owner = ownerId === undefined ? 'all' : (ownerId ?? 'open');
    const args = [owner, status ?? 'any', after ?? '', String(limit)];
    const found = (await this.#run('session_list', listScript, args)) as string[][];
    const items = found.slice(0, limit).flatMap((fields) => seenOf(fields) ?? []);
    return { items, more: found.length > limit };
  }

  async merge(states: readonly SessionState[]): Promise<readonly SeenSession[]> {
    const seen: SeenSession[] = [];
    for (let from = 0; from < states.length; from += mergeAtOnce) {
      const wholes = states.slice(from, from + mergeAtOnce).map(wholeOf);
      seen.push(...(await this.#merge('session_merge', 'any', wholes)));
    }
    return seen;
  }

  async expire(): Promise<SessionCensus> {
    const reply = await this.#run('session_expire', expireScript, [String(expireAtOnce)]);
    const [expired = 0, live = 0] = reply as number[];
    return { expired, live };
  }

  async keepTicket(key: string, text: string, ttlMs: number): Promise<void> {
    await this.#connection.run('ticket_keep', async (client) =>
      client.set(`${root}:ticket:${key}`, text, { expiration: { type: 'PX', value: ttlMs } }),
    );
  }

  async takeTicket(key: string): Promise<string | undefined> {
    const text = await this.#connection.run('ticket_take', async (client) =>
      client.getDel(`${root}:ticket:${key}`),
    );
    return text ?? undefined;
  }

  async #merge(
    operation: string,
    which: 'live' | 'any',
    parts: readonly object[],
  ): Promise<SeenSession[]> {
    const args = [which, JSON.stringify(parts), this.#givenUpAt()];
    const reply = await this.#run(operation, mergeScript, args);
    const seen = (reply as string[][]).flatMap((fields) => seenOf(fields) ?? []);
    const [first] = seen;
    if (first !== undefined) this.#clockAhead = first.at - Date.now();
    return seen;
  }

  /** The moment on Redis's clock at which the caller of now will have stopped waiting. */
  #givenUpAt(): string {
    return this.#clockAhead === undefined
      ? ''
      : String(Date.now() + this.#clockAhead + this.#timeoutMs);
  }

  async #run(operation: string, script: RedisScript, args: string[]): Promise<unknown> {
    const given = { keys: [root], arguments: [this.#keep, ...args] };
    return await this.#connection.run(operation, async (client) => evaluate(client, script, given));
  }
}

/** By its digest; a Redis that does not know the script yet is given it. */
async function evaluate(
  client: RedisClient,
  { text, sha }: RedisScript,
  given: { keys: string[]; arguments: string[] },
): Promise<unknown> {
  try {
    return await client.evalSha(sha, given);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await client.eval(text, given);
  }
}

function wholeOf(state: SessionState): object {
  return {
    id: state.id,
    owner: state.ownerId ?? '',
    ttl: state.ttlMs,
    created: state.createdAt,
    seen: state.lastActivity,
    active: state.active,
    ended: state.endedAt ?? undefined,
    metadata: state.metadata,
    written: state.metadataAt,
    counts: Object.entries(state.counts),
    whole: true,
  };
}

/** What `shown` of the scripts answers; nothing where there is no such session. */
function seenOf(fields: readonly string[]): SeenSession | undefined {
  const [now, id, owner, ttl, created, seen, active, ended, metadata, written, ...pairs] = fields;
  if (id === undefined || metadata === undefined) return undefined;
  const nodes = pairs.filter((_, index) => index % 2 === 0);
  return {
    at: Number(now),
    state: {
      id,
      ownerId: owner === '' || owner === undefined ? null : owner,
      ttlMs: Number(ttl),
      createdAt: Number(created),
      lastActivity: Number(seen),
      active: active === '1',
      endedAt: ended === '' ? null : Number(ended),
      metadata,
      metadataAt: Number(written),
      counts: Object.fromEntries(nodes.map((node, index) => [node, Number(pairs[index * 2 + 1])])),
    },
  };
}
