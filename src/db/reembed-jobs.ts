import type { Selectable } from 'kysely';
import type { ErrorCode } from '../errors.ts';
import type { Database } from './database.ts';
import type { ReembedJobsTable, Within } from './tables.ts';

/** Making the vectors of a collection anew, and how far it is. */
export interface ReembedJobRecord {
  readonly id: string;
  readonly collectionId: string;
  readonly state: Selectable<ReembedJobsTable>['state'];
  readonly model: { readonly name: string; readonly version: string; readonly digest: string };
  readonly facesTotal: number;
  readonly facesDone: number;
  readonly facesFailed: number;
  /** The face after which it goes on. */
  readonly position: string | null;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export type NewReembedJob = Pick<ReembedJobRecord, 'id' | 'collectionId' | 'model' | 'facesTotal'>;

/** The table `reembed_jobs`. Throws what `Database.query` throws. */
export class ReembedJobTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(job: NewReembedJob, within: Within): Promise<ReembedJobRecord> {
    const { name, version, digest } = job.model;
    const row = await within
      .insertInto('reembed_jobs')
      .values({
        id: job.id,
        collection_id: job.collectionId,
        model_name: name,
        model_version: version,
        model_digest: digest,
        faces_total: job.facesTotal,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRecord(row);
  }

  /** Begins, or goes on with, a job that is not over. */
  async claim(id: string): Promise<ReembedJobRecord | undefined> {
    const row = await this.#database.query((db) =>
      db
        .updateTable('reembed_jobs')
        .set((builder) => ({
          state: 'running',
          started_at: builder.fn.coalesce('started_at', builder.val(new Date())),
        }))
        .where('id', '=', id)
        .where('state', 'in', ['queued', 'running'])
        .returningAll()
        .executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  /** Adds to what is done, in the transaction of the new vectors. */
  async progress(
    id: string,
    at: { readonly position: string; readonly done: number; readonly failed: number },
    within: Within,
  ): Promise<void> {
    await within
      .updateTable('reembed_jobs')
      .set((set) => ({
        position: at.position,
        faces_done: set('faces_done', '+', at.done),
        faces_failed: set('faces_failed', '+', at.failed),
      }))
      .where('id', '=', id)
      .execute();
  }

  async finish(
    id: string,
    state: 'done' | 'failed',
    error: ReembedJobRecord['error'],
    within?: Within,
  ): Promise<void> {
    await this.#database.query(
      (db) =>
        db
          .updateTable('reembed_jobs')
          .set({
            state,
            error_code: error?.code ?? null,
            error_message: error?.message ?? null,
            finished_at: new Date(),
          })
          .where('id', '=', id)
          .execute(),
      within,
    );
  }

  async newest(collectionId: string): Promise<ReembedJobRecord | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('reembed_jobs')
        .selectAll()
        .where('collection_id', '=', collectionId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
    return row && toRecord(row);
  }
}

function toRecord(row: Selectable<ReembedJobsTable>): ReembedJobRecord {
  return {
    id: row.id,
    collectionId: row.collection_id,
    state: row.state,
    model: { name: row.model_name, version: row.model_version, digest: row.model_digest },
    facesTotal: row.faces_total,
    facesDone: row.faces_done,
    facesFailed: row.faces_failed,
    position: row.position,
    error:
      row.error_code === null
        ? null
        : { code: row.error_code as ErrorCode, message: row.error_message ?? '' }, // only `finish` writes it
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}
