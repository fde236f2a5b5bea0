import { randomUUIDv7 } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { JobQueue } from '../db/job-queue.ts';
import type { OwnerScope } from '../db/owner-id.ts';
import type { Page } from '../db/page.ts';
import type { JobFormat, PredictionJob, PredictionJobTable } from '../db/prediction-jobs.ts';
import { FoveaError } from '../errors.ts';
import type { JobFiles } from './job-files.ts';
import { RowCounter } from './row-counter.ts';
import type { JobTarget, RowPredictor } from './row-predictor.ts';

export interface BatchJobsOptions {
  readonly table: PredictionJobTable;
  readonly queue: JobQueue;
  readonly files: JobFiles;
  readonly predictor: RowPredictor;
  /** Milliseconds that a finished job is kept. */
  readonly ttlMs: number;
}

const sweepLimit = 100;
/** An upload takes less; what is older and no job was cut off by a kill. */
const orphanMs = 24 * 3_600_000;

/**
 * Batch jobs: a file of rows in, the same with predictions out. Throws DATABASE_UNAVAILABLE where
 * the database is needed, and JOB_NOT_FOUND also for another's job; `ownerId` undefined sees everybody's.
 */
export class BatchJobs {
  readonly #options: BatchJobsOptions;

  constructor(options: BatchJobsOptions) {
    this.#options = options;
  }

  /**
   * Keeps the file and queues the job, for the version that `target` means now. Safe on the disk
   * once resolved. @throws FoveaError MODEL_NOT_FOUND and its like, JOB_INPUT_INVALID for no rows.
   */
  async create(target: JobTarget, format: JobFormat, source: Readable): Promise<PredictionJob> {
    const { table, queue, files, predictor } = this.#options;
    if (!queue.running) throw notStarted();
    const { version } = await predictor.open(target);
    const id = randomUUIDv7();
    const counter = new RowCounter(format);
    const inputBytes = await files.receive(id, source, counter);
    try {
      if (counter.rows === 0) throw empty(format);
      const { modelId, ownerId } = target;
      const { storageId } = files;
      const rowsTotal = counter.rows;
      const job = await table.insert(
        { id, ownerId, modelId, version, storageId, format, inputBytes, rowsTotal },
        (within) => queue.enqueue(id, within),
      );
      queue.nudge();
      return job;
    } catch (error) {
      // Unless the answer got lost and the job is there after all: then a sweep decides.
      if (!(error instanceof FoveaError) || error.code !== 'DATABASE_UNAVAILABLE')
        await files.remove(id);
      throw error;
    }
  }

  async find(id: string, ownerId: OwnerScope): Promise<PredictionJob> {
    const job = await this.#options.table.get(id, ownerId);
    if (job === undefined) throw notFound(id);
    return job;
  }

  async list(ownerId: OwnerScope, limit: number, cursor?: string): Promise<Page<PredictionJob>> {
    return await this.#options.table.list(ownerId, { limit, cursor });
  }

  /** What there is of the result when the job is over, also of one that failed or was cancelled. @throws FoveaError JOB_NOT_FINISHED. */
  async result(
    id: string,
    ownerId: OwnerScope,
  ): Promise<{ job: PredictionJob; content: Readable }> {
    const job = await this.find(id, ownerId);
    if (job.state === 'queued' || job.state === 'running') throw notFinished(job);
    return { job, content: await this.#options.files.result(id, job.parts) };
  }

  /** Stops a job within a second; one that is over stays as it is. */
  async cancel(id: string, ownerId: OwnerScope): Promise<PredictionJob> {
    const { table, queue } = this.#options;
    const job = await table.cancel(id, ownerId);
    if (job === undefined) throw notFound(id);
    if (job.state === 'cancelled' && queue.running) await queue.cancel(id);
    return job;
  }

  /** Cancels the job and removes it with its files. */
  async remove(id: string, ownerId: OwnerScope): Promise<void> {
    await this.cancel(id, ownerId);
    await this.#options.table.remove(id);
    await this.#options.files.remove(id);
  }

  /** Deletes finished jobs that are too old, and files that belong to no job; resolves with the number of jobs. */
  async sweep(now: Date): Promise<number> {
    const { table, files, ttlMs } = this.#options;
    const before = new Date(now.getTime() - ttlMs);
    const expired = await table.finishedBefore(files.storageId, before, sweepLimit);
    for (const { id } of expired) {
      await table.remove(id);
      await files.remove(id);
    }
    const old = await files.olderThan(new Date(now.getTime() - orphanMs));
    const known = old.length === 0 ? new Set<string>() : await table.known(old);
    for (const id of old) if (!known.has(id)) await files.remove(id);
    return expired.length;
  }
}

function notFound(id: string): FoveaError {
  const message = `There is no batch job ${id} of yours; it was never made here, or it has expired.`;
  return new FoveaError('JOB_NOT_FOUND', message, { job_id: id });
}

function notFinished({ id, state, rowsDone, rowsTotal }: PredictionJob): FoveaError {
  const message = `Job ${id} is ${state}: ${rowsDone} of ${rowsTotal} rows are done. The result is there when it is over.`;
  return new FoveaError('JOB_NOT_FINISHED', message, { state, retry_after_seconds: 2 });
}

function notStarted(): FoveaError {
  const message = 'The job queue waits for the database; try again shortly.';
  return new FoveaError('DATABASE_UNAVAILABLE', message, { retry_after_seconds: 2 });
}

function empty(format: JobFormat): FoveaError {
  const wanted = format === 'csv' ? 'a heading and at least one row' : 'at least one line';
  return new FoveaError('JOB_INPUT_INVALID', `The file has no rows; it needs ${wanted}.`);
}
