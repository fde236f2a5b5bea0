import type { PredictionJob } from '../db/prediction-jobs.ts';
import type { ShownJob } from '../protocol/job.ts';

/** A job as the API shows it, with its rate over the time it really ran. */
export function shownJob(job: PredictionJob): ShownJob {
  const { rowsDone, rowsTotal, runningMs, state } = job;
  const rate = runningMs > 0 ? rowsDone / (runningMs / 1000) : null;
  const left = Math.max(0, rowsTotal - rowsDone);
  return {
    job_id: job.id,
    state,
    model_id: job.modelId,
    version: job.version,
    format: job.format,
    rows: { total: rowsTotal, done: rowsDone, failed: job.rowsFailed },
    input_bytes: job.inputBytes,
    rows_per_second: rate === null ? null : Math.round(rate * 10) / 10,
    eta_seconds: state === 'running' && rate ? Math.ceil(left / rate) : null,
    error: job.error,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}
