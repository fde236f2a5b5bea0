import { z } from 'zod';
import { modelManifest } from './model-manifest.ts';

/**
 *   absent -> fetching -> present -> loading -> ready
 *                \____________________\__________\--> failed (tried again by the next setup or restart)
 */
export const modelState = z
  .enum(['absent', 'fetching', 'present', 'loading', 'ready', 'failed'])
  .meta({ id: 'ModelState' });

const { shape } = modelManifest;

export const modelStatus = z
  .object({
    name: shape.name,
    version: shape.version,
    task: shape.task,
    state: modelState,
    pack: shape.pack,
    active: z
      .boolean()
      .describe('Whether it is to be loaded; models of a pack that is not in use only lie there.'),
    reason: z.string().optional().describe('Why the model is not ready, and what to do.'),
    error: z
      .object({ code: z.string(), message: z.string() })
      .optional()
      .describe('The same with its code of the error table.'),
    transfer: z
      .object({
        file: z.string(),
        bytes_done: z.int(),
        bytes_total: z.int().nullable(),
        bytes_per_second: z.int().optional(),
        eta_seconds: z.int().optional(),
      })
      .optional()
      .describe('What is being fetched for it now.'),
    progress: z.number().min(0).max(1).describe('Share of its bytes that are in place.'),
    size_bytes: z.int(),
    digest: z.string(),
    load: shape.load,
    load_ms: z.number().optional().describe('Time to load and warm up.'),
    licence: shape.licence,
    origin: shape.origin,
  })
  .meta({ id: 'Model' });
export type ModelStatus = z.infer<typeof modelStatus>;
