import { z } from 'zod';
import { modelState, modelStatus } from './model.ts';

export const liveness = z.object({ live: z.boolean() }).meta({ id: 'Liveness' });

/** `ready` means: a request sent now succeeds. `degraded` names what is lost without stopping that. */
export const readiness = z
  .object({
    live: z.boolean(),
    ready: z.boolean(),
    reasons: z.array(z.string()),
    degraded: z.array(z.string()),
    models: z.array(
      z.object({
        name: z.string(),
        state: modelState,
        load: modelStatus.shape.load.describe('`lazy` ones come on their first use.'),
        reason: z.string().optional(),
        code: z.string().optional().describe('Of the error table, when it failed.'),
      }),
    ),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readiness>;

const breakerState = z.enum(['closed', 'half_open', 'open']).meta({ id: 'BreakerState' });

const check = z
  .object({
    ok: z.boolean(),
    ms: z.number(),
    reason: z.string().optional(),
    /** Of dependencies that are left alone while they do not answer. */
    breaker: breakerState.optional(),
  })
  .meta({ id: 'HealthCheck' });
export type Check = z.infer<typeof check>;

/** Every dependency tried for real. */
export const deepHealth = z
  .object({
    ok: z.boolean(),
    checked_at: z.iso.datetime(),
    checks: z.object({
      inference: check,
      database: check,
      storage: check,
      redis: check.optional(),
    }),
    queue: z
      .object({
        waiting: z.int(),
        limit: z.int(),
        running: z.int(),
        full: z.boolean().describe('New images are answered 503 with `Retry-After`.'),
      })
      .describe('Work on images. A full queue is load, not damage: `ok` does not depend on it.'),
    breakers: z
      .partialRecord(z.enum(['redis', 'database', 'blobs', 'hub', 'model']), breakerState)
      .describe('Of every dependency that is left alone while it does not do its work.'),
  })
  .meta({ id: 'DeepHealth' });
export type DeepHealth = z.infer<typeof deepHealth>;
