import { z } from 'zod';
import { bytes, setting, type Setting } from './setting-types.ts';

/** People who are known by their faces. */
export const facesSettings = {
  FOVEA_VECTOR_INDEX: setting(
    z.enum(['exact', 'pgvector', 'hnsw']),
    'exact',
    'How faces are searched: `exact` in memory; `pgvector` exactly, or `hnsw` approximately, in a PostgreSQL that has the extension.',
  ),
  FOVEA_VECTOR_MEMORY: setting(
    bytes,
    '1GiB',
    'Memory for the vectors of `exact`: 512 values take 2.6 KB; larger collections are read for each search.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
