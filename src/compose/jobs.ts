import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { JobQueue } from '../db/job-queue.ts';
import { PredictionJobTable } from '../db/prediction-jobs.ts';
import { describeCause } from '../errors.ts';
import { BatchJobs } from '../jobs/batch-jobs.ts';
import { JobFiles } from '../jobs/job-files.ts';
import { JobRunner } from '../jobs/job-runner.ts';
import type { RowPredictor } from '../jobs/row-predictor.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Batch jobs of this server. */
export interface RunningJobs {
  readonly batch: BatchJobs;
  readonly maxBytes: number;
  /** Whoever has the same shares the files of jobs. */
  readonly storageId: string;
  /** To be called when the database is up, also again. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

const sweepEveryMs = 3_600_000;
const stopLimitMs = 8_000;
const startAgainMs = 5_000;

export async function composeJobs(
  config: Config,
  database: Database,
  predictor: RowPredictor,
  logger: Logger,
): Promise<RunningJobs> {
  const shared = config.FOVEA_JOBS_DIR;
  const files = await JobFiles.open(shared ?? join(config.FOVEA_DATA_DIR, 'jobs'));
  const table = new PredictionJobTable(database);
  const runner = new JobRunner({
    table,
    files,
    predictor,
    onDefect: (job, error) =>
      logger.error({ job, cause: describeCause(error) }, 'batch job failed'),
  });
  const queue = new JobQueue({
    database,
    name: `predict-${files.storageId}`,
    concurrency: config.FOVEA_JOB_CONCURRENCY,
    run: (id, signal) => runner.run(id, signal),
    onError: (error) => logger.debug({ reason: error.message }, 'job queue'),
  });
  const batch = new BatchJobs({ table, queue, files, predictor, ttlMs: config.FOVEA_JOB_TTL });
  const sweep = (): void => void batch.sweep(new Date()).catch(() => undefined);
  const timer = setInterval(sweep, sweepEveryMs).unref();
  let starting: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  const begin = async (): Promise<void> => {
    // The data directory is ours alone: what ran on it before died with the process before us.
    await queue.start(shared === undefined ? await table.running(files.storageId) : []);
    sweep();
  };
  const start = (): void => {
    starting ??= begin().catch((error: unknown) => {
      logger.warn({ reason: String(error) }, 'the job queue has not started; it is tried again');
      starting = undefined;
      again = setTimeout(start, startAgainMs).unref();
    });
  };
  return {
    batch,
    maxBytes: config.FOVEA_MAX_JOB_BYTES,
    storageId: files.storageId,
    start,
    stop: async () => {
      clearInterval(timer);
      clearTimeout(again);
      await starting;
      await Promise.race([
        queue.stop().catch(() => undefined),
        sleep(stopLimitMs, undefined, { ref: false }),
      ]);
    },
  };
}
