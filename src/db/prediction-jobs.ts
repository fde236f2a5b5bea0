import { sql, type Selectable, type Transaction } from 'kysely';
import type { ErrorCode } from '../errors.ts';
import type { Database } from './database.ts';
import { ownedBy, ownerFrom, storedOwner, type OwnerScope } from './owner-id.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { PredictionJobsTable, Tables } from './tables.ts';

export type JobState = Selectable<PredictionJobsTable>['state'];
export type JobFormat = PredictionJobsTable['format'];

/** A batch prediction and how far it is. Bytes and rows are counts from the start of the file. */
export interface PredictionJob {
  readonly id: string;
  readonly ownerId: string | null;
  readonly modelId: string;
  readonly version: number | null;
  readonly storageId: string;
  readonly format: JobFormat;
  readonly state: JobState;
  readonly inputBytes: number;
  /** Where the first row begins that is not in the result yet. */
  readonly inputOffset: number;
  readonly rowsTotal: number;
  readonly rowsDone: number;
  readonly rowsFailed: number;
  /** Bytes that count of the part that each attempt wrote. */
  readonly parts: readonly number[];
  readonly attempt: number;
  readonly attemptsWithoutProgress: number;
  readonly runningMs: number;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export type NewJob = Pick<
  PredictionJob,
  'id' | 'ownerId' | 'modelId' | 'version' | 'storageId' | 'format' | 'inputBytes' | 'rowsTotal'
>;

/** How far an attempt is; everything before it is on the disk. */
export interface Checkpoint {
  readonly inputOffset: number;
  /** Of the part of this attempt. */
  readonly partBytes: number;
  readonly rowsDone: number;
  readonly rowsFailed: number;
  readonly runningMs: number;
}

const unfinished = ['queued', 'running'] as const;

/** The table `prediction_jobs`. Throws what `Database.query` throws. */
export class PredictionJobTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a job and, in the same transaction, does what `enqueue` does. */
  async insert(
    job: NewJob,
    enqueue: (within: Transaction<Tables>) => Promise<void>,
  ): Promise<PredictionJob> {
    return await this.#database.transaction(async (within) => {
      const row = await within
        .insertInto('prediction_jobs')
        .values({
          id: job.id,
          owner_id: storedOwner(job.ownerId),
          model_id: job.modelId,
          version: job.version,
          storage_id: job.storageId,
          format: job.format,
          input_bytes: job.inputBytes,
          rows_total: job.rowsTotal,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await enqueue(within);
      return toJob(row);
    });
  }

  /**
   * Begins an attempt: from now on only it may write. Resolves with undefined when the job is over
   * or gone.
   */
  async claim(id: string): Promise<PredictionJob | undefined> {
    const { rows } = await this.#database.query((db) =>
      sql<Selectable<PredictionJobsTable>>`
        update prediction_jobs set state = 'running', attempt = attempt + 1,
          parts = parts || 0::bigint, started_at = coalesce(started_at, now()),
          -- The part of the attempt before has bytes when it got on.
          attempts_without_progress =
            case when attempt = 0 or parts[attempt] > 0 then 0 else attempts_without_progress + 1 end
        where id = ${id} and state in ('queued', 'running') returning *`.execute(db),
    );
    return rows[0] && toJob(rows[0]);
  }

  /** Resolves with false when the attempt is not the newest any more, or the job was cancelled. */
  async checkpoint(id: string, attempt: number, at: Checkpoint): Promise<boolean> {
    const { numAffectedRows } = await this.#database.query((db) =>
      sql`update prediction_jobs set input_offset = ${at.inputOffset},
          parts[${sql.lit(attempt)}] = ${at.partBytes}, rows_done = ${at.rowsDone},
          rows_failed = ${at.rowsFailed}, running_ms = ${at.runningMs}
        where id = ${id} and attempt = ${attempt} and state = 'running'`.execute(db),
    );
    return numAffectedRows === 1n;
  }

  /** Ends a job that runs in this attempt. */
  async finish(
    id: string,
    attempt: number,
    state: 'done' | 'failed',
    error: PredictionJob['error'],
  ): Promise<void> {
    await this.#database.query((db) =>
      db
        .updateTable('prediction_jobs')
        .set({
          state,
          error_code: error?.code ?? null,
          error_message: error?.message ?? null,
          finished_at: new Date(),
        })
        .where('id', '=', id)
        .where('attempt', '=', attempt)
        .where('state', '=', 'running')
        .execute(),
    );
  }

  /** Cancels a job unless it is over; resolves with the job as it is then. */
  async cancel(id: string, ownerId: OwnerScope): Promise<PredictionJob | undefined> {
    await this.#database.query((db) =>
      db
        .updateTable('prediction_jobs')
        .set({ state: 'cancelled', finished_at: new Date() })
        .where('id', '=', id)
        .where(ownedBy(ownerId))
        .where('state', 'in', unfinished)
        .execute(),
    );
    return await this.get(id, ownerId);
  }

  async get(id: string, ownerId: OwnerScope): Promise<PredictionJob | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('prediction_jobs')
        .selectAll()
        .where('id', '=', id)
        .where(ownedBy(ownerId))
        .executeTakeFirst(),
    );
    return row && toJob(row);
  }

  /** Newest first. */
  async list(ownerId: OwnerScope, page: PageRequest): Promise<Page<PredictionJob>> {
    const rows = await this.#database.query((db) =>
      newestFirst(
        db.selectFrom('prediction_jobs').selectAll().where(ownedBy(ownerId)),
        page,
      ).execute(),
    );
    return pageOf(rows.map(toJob), page.limit, ({ createdAt }) => createdAt);
  }

  async remove(id: string): Promise<void> {
    await this.#database.query((db) =>
      db.deleteFrom('prediction_jobs').where('id', '=', id).execute(),
    );
  }

  /** Jobs of a storage that ended before `before`, at most `limit`. */
  async finishedBefore(storageId: string, before: Date, limit: number): Promise<PredictionJob[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('prediction_jobs')
        .selectAll()
        .where('storage_id', '=', storageId)
        .where('finished_at', '<', before)
        .orderBy('finished_at')
        .limit(limit)
        .execute(),
    );
    return rows.map(toJob);
  }

  /** Jobs of a storage that somebody runs, or ran when it died. */
  async running(storageId: string): Promise<string[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('prediction_jobs')
        .select('id')
        .where('storage_id', '=', storageId)
        .where('state', '=', 'running')
        .execute(),
    );
    return rows.map(({ id }) => id);
  }

  /** Those of `ids` that are jobs. */
  async known(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.#database.query((db) =>
      db.selectFrom('prediction_jobs').select('id').where('id', 'in', ids).execute(),
    );
    return new Set(rows.map(({ id }) => id));
  }
}

function toJob(row: Selectable<PredictionJobsTable>): PredictionJob {
  return {
    id: row.id,
    ownerId: ownerFrom(row.owner_id),
    modelId: row.model_id,
    version: row.version,
    storageId: row.storage_id,
    format: row.format,
    state: row.state,
    inputBytes: Number(row.input_bytes),
    inputOffset: Number(row.input_offset),
    rowsTotal: Number(row.rows_total),
    rowsDone: Number(row.rows_done),
    rowsFailed: Number(row.rows_failed),
    parts: row.parts.map(Number),
    attempt: row.attempt,
    attemptsWithoutProgress: row.attempts_without_progress,
    runningMs: Number(row.running_ms),
    error:
      row.error_code === null
        ? null
        : { code: row.error_code as ErrorCode, message: row.error_message ?? '' }, // only `finish` writes it
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}
