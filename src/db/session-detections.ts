import { sql, type Selectable } from 'kysely';
import type { ModelReference, StageTimings } from '../protocol/analysis.ts';
import type { TrackedObject } from '../protocol/session.ts';
import { decodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { ownerFrom, storedOwner } from './owner-id.ts';
import { pageOf, type Page, type PageRequest } from './page.ts';
import { sanitised } from './prediction-insert.ts';
import type { SessionDetectionsTable } from './tables.ts';
import { timeOfUuid, uuidFloor } from './uuid-time.ts';

/** One frame of a session, analysed. It survives JSON. */
export interface DetectionRecord {
  /** UUID version 7: its time is that of the detection. */
  readonly id: string;
  readonly sessionId: string;
  /** The session's owner; null under open access. */
  readonly ownerId: string | null;
  readonly imageId: string | null;
  /** Upright pixels; null when no model looked at the frame. */
  readonly width: number | null;
  readonly height: number | null;
  /** Milliseconds. */
  readonly timings: StageTimings;
  readonly models: readonly ModelReference[];
  readonly degraded: readonly string[];
  readonly objects: readonly TrackedObject[];
}

/** Whose detections, of which session. `ownerId` left out: whoever's. */
export interface SessionScope {
  readonly sessionId: string;
  readonly ownerId?: string | null;
}

export interface DetectionTotals {
  readonly count: number;
  readonly degraded: number;
  readonly firstAt: Date | null;
  readonly lastAt: Date | null;
  /** Milliseconds; null without detections. */
  readonly latency: readonly [p50: number, p95: number, p99: number, max: number] | null;
}

export interface SeenClass {
  readonly label: string;
  readonly objects: number;
  readonly frames: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface SeenTrack extends Omit<SeenClass, 'objects'> {
  readonly trackId: string;
  readonly box: TrackedObject['box'];
}

const purgeAtOnce = 5_000;
const mostInSummary = 200;

/** The table `session_detections`. Throws what `Database.query` throws. */
export class SessionDetectionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that are there already, by id, are left alone. */
  async insert(records: readonly DetectionRecord[]): Promise<void> {
    if (records.length === 0) return;
    const rows = sanitised(records.map(toRow));
    await this.#database.query((db) =>
      sql`
        insert into session_detections (id, session_id, at, owner_id, image_id, width, height,
          total_ms, timings, models, degraded, labels, objects)
        select id, session_id, at, owner_id, image_id, width, height,
          total_ms, timings, models, degraded, labels, objects
        from json_to_recordset(${rows}::json) as r (id uuid, session_id uuid, at timestamptz,
          owner_id uuid, image_id uuid, width integer, height integer, total_ms real, timings jsonb,
          models jsonb, degraded text[], labels text[], objects jsonb)
        on conflict (id) do nothing`.execute(db),
    );
  }

  async get(scope: SessionScope, id: string): Promise<DetectionRecord | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('session_detections')
        .selectAll()
        .where(inScope(scope))
        .where('id', '=', id)
        .executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  /** Newest first; with `label`, those that show such an object. */
  async list(
    scope: SessionScope,
    { limit, cursor, label }: PageRequest & { readonly label?: string | undefined },
  ): Promise<Page<DetectionRecord>> {
    const rows = await this.#database.query((db) => {
      let query = db.selectFrom('session_detections').selectAll().where(inScope(scope));
      if (label !== undefined) query = query.where(sql<boolean>`labels @> array[${label}]::text[]`);
      if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor).id);
      return query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
    });
    return pageOf(rows.map(toRecord), limit, ({ id }) => timeOfUuid(id));
  }

  async totals(scope: SessionScope): Promise<DetectionTotals> {
    const found = await this.#database.query((db) =>
      sql<TotalsRow>`
        select count(*)::int as count, count(*) filter (where degraded <> '{}')::int as degraded,
          min(at) as first_at, max(at) as last_at,
          percentile_cont(array[0.5, 0.95, 0.99, 1]) within group (order by total_ms) as latency
        from session_detections where ${inScope(scope)}`.execute(db),
    );
    const [row] = found.rows;
    return {
      count: row?.count ?? 0,
      degraded: row?.degraded ?? 0,
      firstAt: row?.first_at ?? null,
      lastAt: row?.last_at ?? null,
      latency: row?.latency ?? null,
    };
  }

  /** Most frequent first, at most 200. */
  async classes(scope: SessionScope): Promise<SeenClass[]> {
    const found = await this.#database.query((db) =>
      sql<SeenClass>`
        select o->>'label' as label, count(*)::int as objects, count(distinct d.id)::int as frames,
          min(at) as "firstAt", max(at) as "lastAt"
        from session_detections d, jsonb_array_elements(objects) o where ${inScope(scope)}
        group by 1 order by objects desc, label limit ${mostInSummary}`.execute(db),
    );
    return found.rows;
  }

  /** Last seen first, at most 200; each with its last box. */
  async tracks(scope: SessionScope): Promise<SeenTrack[]> {
    const found = await this.#database.query((db) =>
      sql<SeenTrack>`
        select o->>'track_id' as "trackId", (array_agg(o->>'label' order by d.id desc))[1] as label,
          (array_agg(o->'box' order by d.id desc))[1] as box, count(*)::int as frames,
          min(at) as "firstAt", max(at) as "lastAt"
        from session_detections d, jsonb_array_elements(objects) o
        where ${inScope(scope)} and o ? 'track_id'
        group by 1 order by max(d.id::text) desc, 1 limit ${mostInSummary}`.execute(db),
    );
    return found.rows;
  }

  /** Deletes those older than `before`; resolves with how many. */
  async purge(before: Date): Promise<number> {
    let total = 0;
    for (;;) {
      const found = await this.#database.query((db) =>
        sql`delete from session_detections where id in
          (select id from session_detections where id < ${uuidFloor(before)} order by id limit ${purgeAtOnce})`.execute(
          db,
        ),
      );
      const count = Number(found.numAffectedRows ?? 0n);
      total += count;
      if (count < purgeAtOnce) return total;
    }
  }
}

interface TotalsRow {
  count: number;
  degraded: number;
  first_at: Date | null;
  last_at: Date | null;
  latency: [number, number, number, number] | null;
}

function inScope({ sessionId, ownerId }: SessionScope) {
  return ownerId === undefined
    ? sql<boolean>`session_id = ${sessionId}`
    : sql<boolean>`session_id = ${sessionId} and owner_id = ${storedOwner(ownerId)}`;
}

function toRow(record: DetectionRecord): object {
  return {
    id: record.id,
    session_id: record.sessionId,
    at: timeOfUuid(record.id),
    owner_id: storedOwner(record.ownerId),
    image_id: record.imageId,
    width: record.width,
    height: record.height,
    total_ms: record.timings.total,
    timings: record.timings,
    models: record.models,
    degraded: record.degraded,
    labels: [...new Set(record.objects.map(({ label }) => label))],
    objects: record.objects,
  };
}

function toRecord(row: Selectable<SessionDetectionsTable>): DetectionRecord {
  return {
    id: row.id,
    sessionId: row.session_id,
    ownerId: ownerFrom(row.owner_id),
    imageId: row.image_id,
    width: row.width,
    height: row.height,
    // Only `insert` writes them.
    timings: row.timings as StageTimings,
    models: row.models as ModelReference[],
    degraded: row.degraded,
    objects: row.objects as TrackedObject[],
  };
}
