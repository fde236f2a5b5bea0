import { setTimeout as sleep } from 'node:timers/promises';
import { DependencyUnavailable } from '../dependencies/dependency.ts';
import { MemorySessionStore } from './memory-session-store.ts';
import { sessionStoreAway } from './session-errors.ts';
import {
  standingOf,
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

export interface ResilientSessionStoreOptions {
  /** The store that servers share; throws `DependencyUnavailable` when it is away. */
  readonly shared: SessionStore;
  /** Bound of this node's own copies. */
  readonly maxBytes: number;
  readonly keepMs: number;
  /** Told that a call did without the shared store. */
  readonly onAlone?: () => void;
  /** Told that all copies are back in the shared store. */
  readonly onReturn?: (facts: { readonly sessions: number; readonly ms: number }) => void;
  /** Pause between attempts to return. */
  readonly retryMs?: number;
}

const retryMs = 250;
/** After so many rounds under load the callers wait for the last one. */
const patientRounds = 5;
const mergeAtOnce = 500;

/**
 * Sessions that go on while the shared store is away.
 *
 *     shared --a call fails, or `leave`--> alone --every copy is back in the shared store--> shared
 *
 * Shared: every call goes to the shared store, and what it answers is kept as this node's own copy. Alone: calls work on
 * the copies; a session that this node has not seen cannot be judged and is answered with
 * `SESSION_STORE_UNAVAILABLE`. On return every copy is merged into the shared store, not only those that changed: it may have come
 * back empty. Merging takes no side (see `SessionState`), so other nodes may do the same at once, and a call whose answer was
 * lost may have been carried out or not.
 */
export class ResilientSessionStore implements SessionStore {
  readonly #options: ResilientSessionStoreOptions;
  readonly #copies: MemorySessionStore;
  readonly #closing = new AbortController();
  /** What has to be brought back, while alone. */
  readonly #changed = new Set<string>();
  #alone = false;
  #returning: Promise<void> | undefined;
  #gate: Promise<unknown> | undefined;
  /** Of the shared store's clock against this machine's, in milliseconds. */
  #clockAhead = 0;

  constructor(options: ResilientSessionStoreOptions) {
    this.#options = options;
    this.#copies = new MemorySessionStore({
      maxBytes: options.maxBytes,
      keepMs: options.keepMs,
      clock: () => Date.now() + this.#clockAhead,
    });
  }

  get alone(): boolean {
    return this.#alone;
  }

  /** This node's copies, as they are. */
  get copies(): readonly SessionState[] {
    return this.#copies.states();
  }

  /** The shared store is known to be away, or to have been: the copies must be brought back to it. */
  leave(): void {
    if (this.#closing.signal.aborted) return;
    this.#alone = true;
    this.#returning ??= this.#return().finally(() => {
      this.#returning = undefined;
    });
  }

  /** Resolves when the shared store has everything again; rejects with the signal's reason. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#alone) await sleep(10, undefined, { signal });
  }

  /** Stops trying to return. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#returning;
  }

  async create(session: NewSession): Promise<SeenSession> {
    return this.#kept(await this.#call((store) => store.create(session), [session.id]));
  }

  async get(id: string): Promise<SeenSession | undefined> {
    return await this.#one(id, (store) => store.get(id));
  }

  async change(id: string, part: SessionPart): Promise<SeenSession | undefined> {
    return await this.#one(id, (store) => store.change(id, part));
  }

  async raise(id: string, node: string, count: number): Promise<SeenSession | undefined> {
    return await this.#one(id, (store) => store.raise(id, node, count));
  }

  /** Alone: of the sessions that this node has seen. */
  async list(options: SessionListOptions): Promise<SessionPage> {
    return await this.#call((store) => store.list(options));
  }

  async merge(states: readonly SessionState[]): Promise<readonly SeenSession[]> {
    const ids = states.map(({ id }) => id);
    const seen = await this.#call((store) => store.merge(states), ids);
    return seen.map((one) => this.#kept(one));
  }

  async expire(): Promise<SessionCensus> {
    const own = await this.#copies.expire();
    return this.#alone ? own : await this.#call((store) => store.expire());
  }

  async keepTicket(key: string, text: string, ttlMs: number): Promise<void> {
    await this.#call((store) => store.keepTicket(key, text, ttlMs));
  }

  async takeTicket(key: string): Promise<string | undefined> {
    const taken = await this.#call((store) => store.takeTicket(key));
    return taken ?? (await this.#copies.takeTicket(key)); // it was kept while alone
  }

  /** A call about one session. Alone, one that this node does not know is looked for in the shared store, which may be back already. */
  async #one(
    id: string,
    call: (store: SessionStore) => Promise<SeenSession | undefined>,
  ): Promise<SeenSession | undefined> {
    const seen = await this.#call(call, [id]);
    if (seen !== undefined) return this.#kept(seen);
    if (!this.#alone) return undefined;
    const found = await this.#options.shared.get(id).catch((error: unknown) => {
      throw error instanceof DependencyUnavailable ? sessionStoreAway(error) : error;
    });
    if (found === undefined) return undefined;
    this.#kept(found);
    return this.#kept(await this.#call(call, [id]));
  }

  /** @param ids sessions that it may change. */
  async #call<T>(
    call: (store: SessionStore) => Promise<T>,
    ids: readonly string[] = [],
  ): Promise<T> {
    await this.#gate;
    if (!this.#alone) {
      try {
        return await call(this.#options.shared);
      } catch (error) {
        if (!(error instanceof DependencyUnavailable)) throw error;
        this.leave();
      }
    }
    this.#options.onAlone?.();
    // Noted and changed in one turn, so that no return comes between.
    for (const id of ids) this.#changed.add(id);
    return await call(this.#copies);
  }

  #kept<T extends SeenSession | undefined>(seen: T): T {
    if (seen === undefined) return seen;
    if (this.#alone) this.#changed.add(seen.state.id);
    else this.#clockAhead = seen.at - Date.now();
    this.#copies.absorb(seen.state);
    return seen;
  }

  async #return(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#alone && !signal.aborted) {
      await sleep(this.#options.retryMs ?? retryMs, undefined, { signal, ref: false }).catch(
        () => undefined,
      );
      if (!signal.aborted) await this.#bringBack().catch(() => undefined);
    }
  }

  /** First everything, then what changed meanwhile, until nothing did: at that very moment the store is shared again. */
  async #bringBack(): Promise<void> {
    const started = performance.now();
    this.#changed.clear();
    const all = this.#copies.states();
    try {
      await this.#push(all);
      for (let round = 1; this.#changed.size > 0; round += 1) {
        const ids = [...this.#changed];
        this.#changed.clear();
        const pushed = this.#copies.some(ids);
        if (round < patientRounds) await this.#push(pushed);
        else await (this.#gate = this.#push(pushed));
      }
      this.#alone = false;
      this.#options.onReturn?.({ sessions: all.length, ms: performance.now() - started });
    } finally {
      this.#gate = undefined;
    }
  }

  /** What the shared store makes of the copies becomes the copies. Expired ones stay behind. */
  async #push(states: readonly SessionState[]): Promise<void> {
    const now = Date.now() + this.#clockAhead;
    const known = states.filter((state) => standingOf({ state, at: now }) !== 'expired');
    for (let from = 0; from < known.length; from += mergeAtOnce) {
      const seen = await this.#options.shared.merge(known.slice(from, from + mergeAtOnce));
      for (const { state } of seen) this.#copies.absorb(state);
    }
  }
}
