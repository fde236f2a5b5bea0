import { z } from 'zod';
import { modelStatus } from './model.ts';

/** How far the synchronisation and warm-up of the models is. */
export const setupStatus = z.object({
  state: z.enum(['idle', 'running', 'done', 'failed']),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  models: z.array(modelStatus),
});
export type SetupStatus = z.infer<typeof setupStatus>;
