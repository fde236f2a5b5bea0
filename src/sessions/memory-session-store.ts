import { LRUCache } from 'lru-cache';
import type { SessionStatus } from '../protocol/session.ts';
import { DueTimes } from './due-times.ts';
import {
  expiresAt,
  forgottenAt,
  merged,
  standingOf,
  statusOf,
  tombstoneOf,
  withPart,
  type SeenSession,
  type SessionPart,
  type SessionState,
} from './session-state.ts';
import type {
  NewSession,
  SessionCensus,
  SessionListOptions,
  SessionPage,
  SessionStore,
} from './session-store.ts';
import { SortedIds } from './sorted-ids.ts';

export interface MemorySessionStoreOptions {
  /** Bound of all sessions together, by an estimate; the ones not used for longest leave first. */
  readonly maxBytes: number;
  /** Milliseconds for which an ended or expired session is still known. */
  readonly keepMs: number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** Beside the metadata: the fields, the entries of the indexes. */
const baseBytes = 1_024;
const countBytes = 64;
/** Of the bound, for sessions that expired and are only still known. */
const goneShare = 0.25;
const mostTickets = 10_000;
/** Of one call of `expire`: some milliseconds. */
const expireAtOnce = 5_000;

/** Sessions in the memory of this process. A call is over before it returns its promise: atomic by nature. */
export class MemorySessionStore implements SessionStore {
  readonly #options: MemorySessionStoreOptions;
  readonly #clock: () => number;
  /** Live and ended. */
  readonly #sessions: LRUCache<string, SessionState>;
  /** Expired, without their metadata. */
  readonly #gone: LRUCache<string, SessionState>;
  readonly #listed = new Map<string, SortedIds>();
  readonly #due = new DueTimes();
  readonly #tickets = new LRUCache<string, { text: string; until: number }>({ max: mostTickets });
  #evicted = 0;

  constructor(options: MemorySessionStoreOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    const gone = Math.ceil(options.maxBytes * goneShare);
    this.#gone = new LRUCache({
      maxSize: gone,
      sizeCalculation: bytesOf,
      dispose: (_state, id, reason) => {
        if (reason === 'evict') this.#due.delete(id);
      },
    });
    this.#sessions = new LRUCache({
      maxSize: Math.max(1, options.maxBytes - gone),
      sizeCalculation: bytesOf,
      dispose: (state, id, reason) => {
        if (reason !== 'evict') return;
        this.#unlist(state);
        this.#due.delete(id);
        this.#evicted += 1;
      },
    });
  }

  /** Sessions that left for want of room. */
  get evicted(): number {
    return this.#evicted;
  }

  async create(session: NewSession): Promise<SeenSession> {
    const now = this.#clock();
    const moments = { createdAt: now, lastActivity: now, metadataAt: now };
    return this.absorb({ ...session, ...moments, active: false, endedAt: null, counts: {} });
  }

  async get(id: string): Promise<SeenSession | undefined> {
    const state = this.#find(id);
    return state && this.#seen(state);
  }

  async change(id: string, part: SessionPart): Promise<SeenSession | undefined> {
    const state = this.#find(id);
    if (state === undefined) return undefined;
    const seen = this.#seen(state);
    return standingOf(seen) === 'live' ? this.#put(withPart(state, part, seen.at)) : seen;
  }

  async raise(id: string, node: string, count: number): Promise<SeenSession | undefined> {
    const state = this.#find(id);
    return state && this.#put(withPart(state, { counts: { [node]: count } }, this.#clock()));
  }

  async list({ ownerId, status, limit, after }: SessionListOptions): Promise<SessionPage> {
    const items: SeenSession[] = [];
    const ids = this.#listed.get(listKey(ownerId, status));
    for (const id of ids?.descending(after) ?? []) {
      const state = this.#sessions.peek(id);
      if (state === undefined || standingOf(this.#seen(state)) === 'expired') continue;
      if (items.length === limit) return { items, more: true };
      items.push(this.#seen(state));
    }
    return { items, more: false };
  }

  async merge(states: readonly SessionState[]): Promise<readonly SeenSession[]> {
    return states.map((state) => this.absorb(state));
  }

  /** `merge` for one, at once. */
  absorb(state: SessionState): SeenSession {
    const known = this.#find(state.id);
    return this.#put(known === undefined ? state : merged(known, state));
  }

  async expire(): Promise<SessionCensus> {
    const now = this.#clock();
    const due = this.#due.take(now, expireAtOnce);
    const expired = due.filter((id) => this.#putAway(id, now)).length;
    const live = (['created', 'active'] as const).map(
      (status) => this.#listed.get(listKey(undefined, status))?.size ?? 0,
    );
    return { expired, live: live.reduce((sum, count) => sum + count, 0) };
  }

  async keepTicket(key: string, text: string, ttlMs: number): Promise<void> {
    this.#tickets.set(key, { text, until: this.#clock() + ttlMs });
  }

  async takeTicket(key: string): Promise<string | undefined> {
    const ticket = this.#tickets.get(key);
    this.#tickets.delete(key);
    return ticket !== undefined && ticket.until > this.#clock() ? ticket.text : undefined;
  }

  /** Every session that is known, expired ones too. */
  states(): SessionState[] {
    return [...this.#sessions.values(), ...this.#gone.values()];
  }

  /** Those of `ids` that are known. */
  some(ids: readonly string[]): SessionState[] {
    return ids.flatMap((id) => this.#find(id) ?? []);
  }

  /** Whether the session has expired by now: a live one that is due may have been used since. */
  #putAway(id: string, now: number): boolean {
    const state = this.#find(id);
    if (state === undefined) return false;
    if (forgottenAt(state, this.#options.keepMs) <= now) {
      this.#unlist(state);
      this.#sessions.delete(id);
      this.#gone.delete(id);
      return false;
    }
    const expired = this.#sessions.has(id) && standingOf({ state, at: now }) === 'expired';
    this.#put(state);
    return expired;
  }

  #find(id: string): SessionState | undefined {
    return this.#sessions.get(id) ?? this.#gone.get(id);
  }

  #put(given: SessionState): SeenSession {
    const { id } = given;
    const standing = standingOf(this.#seen(given));
    const state = standing === 'expired' ? tombstoneOf(given) : given;
    const seen = this.#seen(state);
    const old = this.#sessions.peek(id);
    if (old !== undefined && (standing === 'expired' || statusOf(old) !== statusOf(state)))
      this.#unlist(old);
    const [home, other] =
      standing === 'expired' ? [this.#gone, this.#sessions] : [this.#sessions, this.#gone];
    other.delete(id);
    home.set(id, state);
    if (!home.has(id)) return seen; // larger than the whole bound
    if (standing !== 'expired') this.#list(state);
    if (standing !== 'live' || !this.#due.has(id))
      this.#due.set(
        id,
        standing === 'live' ? expiresAt(state) : forgottenAt(state, this.#options.keepMs),
      );
    return seen;
  }

  #seen(state: SessionState): SeenSession {
    return { state, at: this.#clock() };
  }

  #list(state: SessionState): void {
    for (const key of listsOf(state)) {
      const ids = this.#listed.get(key) ?? new SortedIds();
      ids.add(state.id);
      this.#listed.set(key, ids);
    }
  }

  #unlist(state: SessionState): void {
    for (const key of listsOf(state)) {
      const ids = this.#listed.get(key);
      ids?.delete(state.id);
      if (ids?.size === 0) this.#listed.delete(key);
    }
  }
}

/** An estimate. */
function bytesOf({ metadata, counts }: SessionState): number {
  return baseBytes + metadata.length * 2 + Object.keys(counts).length * countBytes;
}

/** The lists that a session is in: its owner's and everybody's, each with and without its status. */
function listsOf(state: SessionState): string[] {
  const status = statusOf(state);
  return [state.ownerId, undefined].flatMap((owner) => [
    listKey(owner, undefined),
    listKey(owner, status),
  ]);
}

function listKey(ownerId: string | null | undefined, status: SessionStatus | undefined): string {
  const owner = ownerId === undefined ? 'all' : (ownerId ?? 'open');
  return `${owner} ${status ?? 'any'}`;
}
