import type {
  DetectionRecord,
  SeenClass,
  SeenTrack,
  SessionDetectionTable,
  SessionScope,
} from '../db/session-detections.ts';
import type { Page, PageRequest } from '../db/page.ts';
import { FoveaError } from '../errors.ts';
import type { SessionSummary } from '../protocol/session.ts';
import { sessionNotFound } from './session-errors.ts';
import type { Sessions, SessionViewer } from './sessions.ts';

export interface SessionHistoryOptions {
  readonly table: SessionDetectionTable;
  readonly sessions: Sessions;
  /** Hands what is journaled to the table. */
  readonly flush: () => Promise<void>;
}

/**
 * What was detected in a session. It outlasts the session: that may have ended, expired and been forgotten.
 * Throws SESSION_NOT_FOUND when there neither is nor was such a session of the viewer's, DATABASE_UNAVAILABLE.
 */
export class SessionHistory {
  readonly #options: SessionHistoryOptions;

  constructor(options: SessionHistoryOptions) {
    this.#options = options;
  }

  /** Newest first. */
  async list(
    id: string,
    viewer: SessionViewer,
    page: PageRequest & { readonly label?: string | undefined },
  ): Promise<Page<DetectionRecord>> {
    const scope = await this.#scope(id, viewer);
    const found = await this.#options.table.list(scope, page);
    if (found.items.length === 0) await this.#refuseUnknown(scope, viewer);
    return found;
  }

  /** @throws FoveaError DETECTION_NOT_FOUND too. */
  async get(id: string, viewer: SessionViewer, detectionId: string): Promise<DetectionRecord> {
    const scope = await this.#scope(id, viewer);
    const found = await this.#options.table.get(scope, detectionId);
    if (found !== undefined) return found;
    await this.#refuseUnknown(scope, viewer);
    throw new FoveaError(
      'DETECTION_NOT_FOUND',
      `The session ${id} has no detection ${detectionId}, or it is older than the retention.`,
      { session_id: id, detection_id: detectionId },
    );
  }

  async summary(id: string, viewer: SessionViewer): Promise<SessionSummary> {
    const scope = await this.#scope(id, viewer);
    const { table } = this.#options;
    const totals = await table.totals(scope);
    if (totals.count === 0) await this.#refuseUnknown(scope, viewer);
    const [classes, tracks] = await Promise.all([table.classes(scope), table.tracks(scope)]);
    const [p50, p95, p99, max] = totals.latency ?? [];
    const ms = (value: number | undefined): number => Math.round((value ?? 0) * 100) / 100;
    return {
      session_id: id,
      detection_count: totals.count,
      degraded_count: totals.degraded,
      first_at: totals.firstAt?.toISOString() ?? null,
      last_at: totals.lastAt?.toISOString() ?? null,
      latency_ms: totals.latency && { p50: ms(p50), p95: ms(p95), p99: ms(p99), max: ms(max) },
      classes: classes.map((seen) => ({ label: seen.label, objects: seen.objects, ...when(seen) })),
      tracks: tracks.map((seen) => ({
        track_id: seen.trackId,
        label: seen.label,
        box: seen.box,
        ...when(seen),
      })),
    };
  }

  /** What was answered is listed: the journal goes first. */
  async #scope(id: string, { ownerId, seesAll = false }: SessionViewer): Promise<SessionScope> {
    await this.#options.flush();
    return { sessionId: id, ...(seesAll ? {} : { ownerId }) };
  }

  /** A session without detections is there all the same. */
  async #refuseUnknown(scope: SessionScope, viewer: SessionViewer): Promise<void> {
    const { sessions, table } = this.#options;
    if ((await sessions.peek(scope.sessionId, viewer)) !== undefined) return;
    if ((await table.list(scope, { limit: 1 })).items.length > 0) return;
    throw sessionNotFound(scope.sessionId);
  }
}

function when({
  frames,
  firstAt,
  lastAt,
}: Pick<SeenClass | SeenTrack, 'frames' | 'firstAt' | 'lastAt'>) {
  return { frames, first_seen: firstAt.toISOString(), last_seen: lastAt.toISOString() };
}
