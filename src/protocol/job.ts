import { z } from 'zod';
import { errorCode } from './error.ts';

export const jobFormat = z.enum(['csv', 'ndjson']);

/** A batch prediction and how far it is. */
export const job = z
  .object({
    job_id: z.uuid(),
    state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
    model_id: z.uuid(),
    version: z.int().nullable(),
    format: jobFormat,
    rows: z.object({
      total: z.int(),
      done: z.int(),
      failed: z.int().describe('Rows whose result is an error.'),
    }),
    input_bytes: z.int(),
    rows_per_second: z.number().nullable(),
    eta_seconds: z.number().nullable().describe('While it runs.'),
    error: z
      .object({ code: errorCode, message: z.string() })
      .nullable()
      .describe('Why the job as a whole failed.'),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Job' });
export type ShownJob = z.infer<typeof job>;

export const jobList = z.object({ items: z.array(job), next_cursor: z.string().nullable() });
