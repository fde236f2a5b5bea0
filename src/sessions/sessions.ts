import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { FoveaError } from '../errors.ts';
import type { SessionStatus } from '../protocol/session.ts';
import { sessionEnded, sessionExpired, sessionNotFound } from './session-errors.ts';
import { standingOf, type SeenSession, type SessionPart } from './session-state.ts';
import type { SessionCensus, SessionPage, SessionStore } from './session-store.ts';

/** Whose sessions may be seen: one owner's (null: those of open access), or everybody's. */
export interface SessionViewer {
  readonly ownerId: string | null;
  readonly seesAll?: boolean;
}

export interface SessionsOptions {
  readonly store: SessionStore;
  /** Names this process among those that count detections: never used by another one. */
  readonly node: string;
  /** Milliseconds without activity until a session expires, unless it says otherwise. */
  readonly ttlMs: number;
  /** Greatest that a session may ask for. */
  readonly maxTtlMs: number;
}

export interface SessionWishes {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly ttlMs?: number | undefined;
}

/** Why a session takes no more frames. */
export type SessionEnding = 'ended' | 'expired' | 'unknown';

const rememberedSessions = 100_000;
const ticketMs = 30_000;

/**
 * The life of sessions.
 *
 *     created --first frame--> active --`end`--> ended
 *        `-----------------------+---no activity for the TTL--> expired
 *
 * Activity is a frame or a change of the metadata; looking at a session is none. Another owner's session is not found.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  /** Owners never change: known ones save a call. */
  readonly #owners = new LRUCache<string, { readonly ownerId: string | null }>({
    max: rememberedSessions,
  });
  /** Detections by this node. */
  readonly #counts = new LRUCache<string, number>({ max: rememberedSessions });
  readonly #listeners = new Map<string, Set<(ending: SessionEnding) => void>>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** @throws FoveaError REQUEST_INVALID when the time to live is above the bound. */
  async create({ ownerId }: SessionViewer, wishes: SessionWishes): Promise<SeenSession> {
    const { ttlMs: usual, maxTtlMs, store } = this.#options;
    const ttlMs = wishes.ttlMs ?? usual;
    if (ttlMs > maxTtlMs)
      throw new FoveaError(
        'REQUEST_INVALID',
        `ttl_seconds is ${ttlMs / 1000}; this server allows at most ${maxTtlMs / 1000}.`,
        { field: 'ttl_seconds', max: maxTtlMs / 1000 },
      );
    const metadata = JSON.stringify(wishes.metadata ?? {});
    return await store.create({ id: randomUUIDv7(), ownerId, ttlMs, metadata });
  }

  /** A live or ended session. @throws FoveaError SESSION_NOT_FOUND, SESSION_EXPIRED, SESSION_STORE_UNAVAILABLE. */
  async find(id: string, viewer: SessionViewer): Promise<SeenSession> {
    return refuseExpired(this.#own(id, viewer, await this.#options.store.get(id)));
  }

  /** The session in whatever state; undefined when it is not known (any more) or another's. */
  async peek(id: string, viewer: SessionViewer): Promise<SeenSession | undefined> {
    const seen = await this.#options.store.get(id);
    return seen && isOwn(seen.state, viewer) ? seen : undefined;
  }

  async list(
    { ownerId, seesAll = false }: SessionViewer,
    page: { status?: SessionStatus | undefined; limit: number; after?: string | undefined },
  ): Promise<SessionPage> {
    return await this.#options.store.list({ ...page, ...(seesAll ? {} : { ownerId }) });
  }

  /** A frame has come: the session is active and lives for its TTL from now. @throws FoveaError as `find`, SESSION_ENDED. */
  async use(id: string, viewer: SessionViewer): Promise<SeenSession> {
    return await this.#change(id, viewer, { active: true, lastActivity: 'now' });
  }

  /** Replaces the metadata. @throws FoveaError as `use`. */
  async edit(
    id: string,
    viewer: SessionViewer,
    metadata: Readonly<Record<string, unknown>>,
  ): Promise<SeenSession> {
    const text = JSON.stringify(metadata);
    const part: SessionPart = { metadata: { text, at: 'now' }, lastActivity: 'now' };
    return await this.#change(id, viewer, part);
  }

  /** Ends the session for good; once more changes nothing. @throws FoveaError as `find`. */
  async end(id: string, viewer: SessionViewer): Promise<SeenSession> {
    await this.#claim(id, viewer);
    const seen = this.#own(id, viewer, await this.#options.store.change(id, { endedAt: 'now' }));
    this.#tell(id, 'ended');
    return refuseExpired(seen);
  }

  /** Counts one detection, whatever has become of the session since its frame came. */
  async count({ state }: SeenSession): Promise<void> {
    const { node, store } = this.#options;
    const known = Math.max(this.#counts.get(state.id) ?? 0, state.counts[node] ?? 0);
    this.#counts.set(state.id, known + 1);
    await store.raise(state.id, node, known + 1);
  }

  /** Puts away what has expired, and tells those who watch. */
  async expire(): Promise<SessionCensus> {
    const census = await this.#options.store.expire();
    for (const id of this.#listeners.keys()) {
      const seen = await this.#options.store.get(id);
      const standing = seen === undefined ? 'unknown' : standingOf(seen);
      if (standing !== 'live') this.#tell(id, standing);
    }
    return census;
  }

  /** Tells `listener`, once, that the session takes no more frames; returns the way to stop. */
  watch(id: string, listener: (ending: SessionEnding) => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  /** A secret that stands for `holder` once, for 30 s, on one session. */
  async issueTicket(id: string, holder: string): Promise<{ ticket: string; expiresAt: Date }> {
    const ticket = randomBytes(24).toString('base64url');
    await this.#options.store.keepTicket(ticketKey(id, ticket), holder, ticketMs);
    return { ticket, expiresAt: new Date(Date.now() + ticketMs) };
  }

  /** The holder that the ticket was issued to; undefined when it was used, is too old, or for another session. */
  async redeemTicket(id: string, ticket: string): Promise<string | undefined> {
    return await this.#options.store.takeTicket(ticketKey(id, ticket));
  }

  async #change(id: string, viewer: SessionViewer, part: SessionPart): Promise<SeenSession> {
    await this.#claim(id, viewer);
    const changed = await this.#options.store.change(id, part);
    const seen = refuseExpired(this.#own(id, viewer, changed));
    if (standingOf(seen) === 'ended') throw sessionEnded(seen);
    return seen;
  }

  /** Nobody changes another's session. */
  async #claim(id: string, viewer: SessionViewer): Promise<void> {
    const known = this.#owners.get(id);
    if (known === undefined) this.#own(id, viewer, await this.#options.store.get(id));
    else if (!isOwn(known, viewer)) throw sessionNotFound(id);
  }

  #own(id: string, viewer: SessionViewer, seen: SeenSession | undefined): SeenSession {
    if (seen === undefined || !isOwn(seen.state, viewer)) throw sessionNotFound(id);
    this.#owners.set(id, { ownerId: seen.state.ownerId });
    return seen;
  }

  #tell(id: string, ending: SessionEnding): void {
    const listeners = [...(this.#listeners.get(id) ?? [])];
    this.#listeners.delete(id);
    for (const listener of listeners) listener(ending);
  }
}

function isOwn(
  { ownerId }: { readonly ownerId: string | null },
  { ownerId: asking, seesAll = false }: SessionViewer,
): boolean {
  return seesAll || ownerId === asking;
}

function refuseExpired(seen: SeenSession): SeenSession {
  if (standingOf(seen) === 'expired') throw sessionExpired(seen);
  return seen;
}

/** What is kept does not let anybody in. */
function ticketKey(id: string, ticket: string): string {
  return createHash('sha256').update(`${id} ${ticket}`).digest('base64url');
}
