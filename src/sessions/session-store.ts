import type { SessionStatus } from '../protocol/session.ts';
import type { SeenSession, SessionPart, SessionState } from './session-state.ts';

/** What a new session is made of; its moments are those of the store's clock. */
export type NewSession = Pick<SessionState, 'id' | 'ownerId' | 'ttlMs' | 'metadata'>;

export interface SessionListOptions {
  /** null: those of open access; left out: everybody's. */
  readonly ownerId?: string | null;
  readonly status?: SessionStatus | undefined;
  /** 1 to 100. */
  readonly limit: number;
  /** The last id of the page before. */
  readonly after?: string | undefined;
}

export interface SessionPage {
  readonly items: readonly SeenSession[];
  readonly more: boolean;
}

export interface SessionCensus {
  /** Sessions that this call found expired. */
  readonly expired: number;
  /** Sessions that are left and neither ended nor expired. */
  readonly live: number;
}

/**
 * Where sessions are. Every change is atomic and safe to repeat. Time is the store's own: one clock
 * for all servers that share it. A session that ended or expired is still found for a bounded time, so that
 * it can be told from one that never was. The conformance suite in `test/sessions` runs on every implementation.
 */
export interface SessionStore {
  create(session: NewSession): Promise<SeenSession>;
  get(id: string): Promise<SeenSession | undefined>;
  /** Merges `part` in when the session is live. Resolves with the session as it then is; undefined when it is not known. */
  change(id: string, part: SessionPart): Promise<SeenSession | undefined>;
  /** Raises a node's count of detections to `count`, be the session live or not. */
  raise(id: string, node: string, count: number): Promise<SeenSession | undefined>;
  /** Newest first, without the expired ones. */
  list(options: SessionListOptions): Promise<SessionPage>;
  /** Merges whole copies in; a session that is not known is added. */
  merge(states: readonly SessionState[]): Promise<readonly SeenSession[]>;
  /** Puts away what has expired and forgets what was put away for long; a bounded piece at a time. */
  expire(): Promise<SessionCensus>;
  /** Keeps a text for `ttlMs`, to be taken once. */
  keepTicket(key: string, text: string, ttlMs: number): Promise<void>;
  takeTicket(key: string): Promise<string | undefined>;
}
