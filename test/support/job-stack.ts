import { join } from 'node:path';
import type { Database } from '../../src/db/database.ts';
import { JobQueue } from '../../src/db/job-queue.ts';
import { PredictionJobTable } from '../../src/db/prediction-jobs.ts';
import { BatchJobs } from '../../src/jobs/batch-jobs.ts';
import { JobFiles } from '../../src/jobs/job-files.ts';
import { JobRunner } from '../../src/jobs/job-runner.ts';
import type { RowPredictor } from '../../src/jobs/row-predictor.ts';

export interface JobStack {
  readonly jobs: BatchJobs;
  readonly queue: JobQueue;
  readonly files: JobFiles;
  readonly table: PredictionJobTable;
  readonly errors: unknown[];
}

/** Batch jobs as the server has them, on a database and a folder of the test's. */
export async function startJobs(
  database: Database,
  directory: string,
  predictor: RowPredictor,
  settings: { concurrency?: number; checkpointEveryMs?: number; alone?: boolean } = {},
): Promise<JobStack> {
  const files = await JobFiles.open(join(directory, 'jobs'));
  const table = new PredictionJobTable(database);
  const errors: unknown[] = [];
  const runner = new JobRunner({
    table,
    files,
    predictor,
    onDefect: (_id, error) => errors.push(error),
    patience: { firstPauseMs: 5, longestPauseMs: 20, totalMs: 60_000 },
    checkpointEveryMs: settings.checkpointEveryMs ?? 50,
  });
  const queue = new JobQueue({
    database,
    name: `predict-${files.storageId}`,
    concurrency: settings.concurrency ?? 1,
    run: (id, signal) => runner.run(id, signal),
    onError: (error) => errors.push(error),
  });
  await queue.start(settings.alone === true ? await table.running(files.storageId) : []);
  const jobs = new BatchJobs({ table, queue, files, predictor, ttlMs: 3_600_000 });
  return { jobs, queue, files, table, errors };
}
