import { bytes, duration, integer, optional, setting, type Setting } from './setting-types.ts';

/** Models of users: upload, import, memory. */
export const uploadsSettings = {
  FOVEA_MAX_MODEL_BYTES: setting(
    bytes,
    '2GiB',
    'Largest model that may be uploaded, all its files together.',
  ),
  FOVEA_UPLOAD_TIMEOUT: setting(
    duration,
    '1h',
    'Longest time for the upload of a model; other requests have `FOVEA_REQUEST_TIMEOUT`.',
  ),
  FOVEA_IMPORT_TIMEOUT: setting(
    duration,
    '30s',
    'Longest time to read an uploaded model and run it once; raise it for large models.',
  ),
  FOVEA_IMPORT_MEMORY: setting(
    bytes,
    '2GiB',
    'Memory of the process that reads uploaded models, beyond which it ends itself; a model needs about four times its size.',
  ),
  FOVEA_TABULAR_WORKERS: setting(
    integer(1, 64),
    '2',
    'Processes that uploaded models are shared out among; each model lives in one of them.',
  ),
  FOVEA_ARCHIVE_RETENTION: optional(
    duration,
    'Archived for so long, a version of an uploaded model loses its files for good; its row and digests stay. Left out, files are deleted only when somebody asks for it.',
  ),
  FOVEA_MODEL_CACHE: setting(
    bytes,
    '512MiB',
    'Memory for uploaded models in each of these processes; the least recently used ones leave first.',
  ),
  FOVEA_MODEL_CACHE_COUNT: setting(
    integer(1, 10_000),
    '100',
    'Most uploaded models in the memory of one process.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
