import {
  bytes,
  duration,
  integer,
  optional,
  path,
  setting,
  type Setting,
} from './setting-types.ts';

/** Predictions, their log and batch jobs. */
export const predictionsSettings = {
  FOVEA_PREDICTION_RETENTION: setting(
    duration,
    '90d',
    'Predictions and their sums are kept this long, in whole days; each day is a table of its own, so stay below some 400d.',
  ),
  FOVEA_PREDICTION_JOURNAL: setting(
    bytes,
    '256MiB',
    'Disk for predictions that the database does not have yet; when it is full, predictions are answered but not logged.',
  ),
  FOVEA_JOBS_DIR: optional(
    path,
    'Folder of batch jobs, `jobs` in the data directory unless given; servers that share it (and the database) share the jobs.',
  ),
  FOVEA_JOB_CONCURRENCY: setting(
    integer(1, 16),
    '1',
    'Batch jobs that one server runs at a time; they yield to interactive predictions.',
  ),
  FOVEA_JOB_TTL: setting(
    duration,
    '7d',
    'Finished batch jobs are deleted, files and all, after this time.',
  ),
  FOVEA_MAX_JOB_BYTES: setting(bytes, '256MiB', 'Largest file of a batch job.'),
  FOVEA_PREDICTION_CACHE: setting(
    bytes,
    '64MiB',
    'Memory for results of predictions, keyed by version and exact input.',
  ),
  FOVEA_PREDICTION_CACHE_TTL: setting(
    duration,
    '1h',
    'How long Redis, if there is one, keeps results of predictions for all servers. A version never changes, so this is about its memory only.',
  ),
  FOVEA_MAX_PREDICT_BYTES: setting(bytes, '4MiB', 'Largest body of a prediction request.'),
  FOVEA_MAX_PREDICT_ROWS: setting(
    integer(1, 1_000_000),
    '10000',
    'Most rows of one prediction request; batch jobs take more.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
