import { z } from 'zod';
import { modelManifest } from './model-manifest.ts';

/**
 *   absent -> fetching -> present -> loading -> ready
 *                \____________________\__________\--> failed (tried again by the next setup or restart)
 */
export const modelState = z.enum(['absent', 'fetching', 'present', 'loading', 'ready', 'failed']);

const { shape } = modelManifest;

export const modelStatus = z.object({
  name: shape.name,
  version: shape.version,
  task: shape.task,
  state: modelState,
  reason: z.string().optional().describe('Why the model is not ready, and what to do.'),
  progress: z.number().min(0).max(1).describe('Share of its bytes that are in place.'),
  size_bytes: z.int(),
  digest: z.string(),
  load: shape.load,
  load_ms: z.number().optional().describe('Time to load and warm up.'),
  licence: shape.licence,
  origin: shape.origin,
});
export type ModelStatus = z.infer<typeof modelStatus>;
