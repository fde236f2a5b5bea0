import type { SessionStatus } from '../protocol/session.ts';

/**
 * What is stored of a session. Two copies of it can be merged, in any order and as often as one
 * likes, and give the same (a state-based CRDT, Shapiro et al. 2011): a node that was cut off from the store
 * brings its copy back by merging. Every field says how.
 */
export interface SessionState {
  /** UUID version 7: sorts by time. */
  readonly id: string;
  /** Null under open access. */
  readonly ownerId: string | null;
  /** Milliseconds without activity until it expires. Never changes. */
  readonly ttlMs: number;
  /** Milliseconds since 1970, like every moment here. The lesser wins. */
  readonly createdAt: number;
  /** The greater wins. */
  readonly lastActivity: number;
  /** Whether a frame has come. True wins. */
  readonly active: boolean;
  /** The lesser wins, and any wins over none: a session that ended stays ended. */
  readonly endedAt: number | null;
  /** JSON text of an object. The later write wins, at the same millisecond the greater text. */
  readonly metadata: string;
  readonly metadataAt: number;
  /** Detections by the node that made them, each only ever growing. The greater wins. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A moment, or that of the store's clock when it gets there. */
export type Moment = number | 'now';

/** What to merge into a session; fields as above. */
export interface SessionPart {
  readonly lastActivity?: Moment;
  readonly active?: true;
  readonly endedAt?: Moment;
  readonly metadata?: { readonly text: string; readonly at: Moment };
  readonly counts?: Readonly<Record<string, number>>;
}

/** A session and the time of the store's clock at which it was read, by which alone it is judged. */
export interface SeenSession {
  readonly state: SessionState;
  readonly at: number;
}

export type Standing = 'live' | 'ended' | 'expired';

export function expiresAt({ lastActivity, ttlMs }: SessionState): number {
  return lastActivity + ttlMs;
}

export function standingOf({ state, at }: SeenSession): Standing {
  if (state.endedAt !== null) return 'ended';
  return expiresAt(state) <= at ? 'expired' : 'live';
}

/** As the API shows it; an expired session is not shown. */
export function statusOf({ endedAt, active }: SessionState): SessionStatus {
  if (endedAt !== null) return 'ended';
  return active ? 'active' : 'created';
}

/** When nothing has to be known of it any more: `keepMs` after it ended or expired, whichever is later. */
export function forgottenAt(state: SessionState, keepMs: number): number {
  return Math.max(expiresAt(state), state.endedAt ?? 0) + keepMs;
}

/** The session with `part` merged in, at the time `now`. */
export function withPart(state: SessionState, part: SessionPart, now: number): SessionState {
  const at = (moment: Moment): number => (moment === 'now' ? now : moment);
  const { lastActivity = 0, endedAt, metadata, counts = {} } = part;
  return merged(state, {
    ...state,
    lastActivity: at(lastActivity),
    active: part.active ?? false,
    endedAt: endedAt === undefined ? null : at(endedAt),
    metadata: metadata?.text ?? '',
    metadataAt: metadata === undefined ? -1 : at(metadata.at),
    counts,
  });
}

/** Both copies as one. */
export function merged(a: SessionState, b: SessionState): SessionState {
  const later =
    a.metadataAt === b.metadataAt ? b.metadata > a.metadata : b.metadataAt > a.metadataAt;
  return {
    ...a,
    createdAt: Math.min(a.createdAt, b.createdAt),
    lastActivity: Math.max(a.lastActivity, b.lastActivity),
    active: a.active || b.active,
    endedAt: earlier(a.endedAt, b.endedAt),
    metadata: later ? b.metadata : a.metadata,
    metadataAt: Math.max(a.metadataAt, b.metadataAt),
    counts: greatest(a.counts, b.counts),
  };
}

/** What stays of an expired session: enough to say so, and to be merged with a copy that lived on. */
export function tombstoneOf(state: SessionState): SessionState {
  return { ...state, metadata: '{}', metadataAt: 0 };
}

export function detectionCount({ counts }: SessionState): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function greatest(a: SessionState['counts'], b: SessionState['counts']): SessionState['counts'] {
  const all = { ...a };
  for (const [node, count] of Object.entries(b)) all[node] = Math.max(all[node] ?? 0, count);
  return all;
}
