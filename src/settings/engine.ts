import { availableParallelism } from 'node:os';
import { bytes, duration, integer, setting, type Setting } from './setting-types.ts';

/** Workers, their queue and their limits. */
export const engineSettings = {
  FOVEA_WORKERS: setting(
    integer(1, 64),
    String(availableParallelism()),
    'Worker processes per model group; one per core is right unless memory is short.',
  ),
  FOVEA_CONCURRENCY: setting(
    integer(1, 1_024),
    '4',
    'Requests that one group of models works on at a time, over all its workers; raise it to twice `FOVEA_WORKERS` on more than two cores.',
  ),
  FOVEA_QUEUE_LIMIT: setting(
    integer(1, 10_000),
    '100',
    'Requests that may wait for a worker; more are answered 503 at once with `Retry-After`.',
  ),
  FOVEA_REQUEST_TIMEOUT: setting(
    duration,
    '30s',
    'Longest time a request may take; a worker stuck for longer is replaced.',
  ),
  FOVEA_WORKER_MEMORY: setting(
    bytes,
    '1GiB',
    'Resident memory above which a worker process is replaced, without a request lost.',
  ),
  FOVEA_WORKER_MAX_AGE: setting(
    duration,
    '0s',
    'Age at which a worker process is replaced at its next request, against what leaks slowly; 0s never does.',
  ),
  FOVEA_WORKER_MAX_REQUESTS: setting(
    integer(0, 1_000_000_000),
    '0',
    'Requests after which a worker process is replaced; 0 never does.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
