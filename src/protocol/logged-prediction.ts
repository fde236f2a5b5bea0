import { z } from 'zod';
import { errorCode } from './error.ts';

const boolean = z.enum(['true', 'false']).transform((value) => value === 'true');

export const predictionsQuery = z.object({
  model_id: z.uuid().optional(),
  version: z.coerce.number().int().min(1).optional(),
  ok: boolean.optional().describe('true: answered ones; false: failures.'),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional().describe('Exclusive.'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional(),
});

/** A prediction as the log has it. */
export const loggedPrediction = z
  .object({
    prediction_id: z.uuid(),
    model_id: z.uuid(),
    version: z.int().nullable().describe('Null when the request failed before it was known.'),
    at: z.iso.datetime(),
    ok: z.boolean(),
    error_code: errorCode.nullable(),
    rows: z.int(),
    cached: z.boolean(),
    latency_ms: z.object({
      queue: z.number(),
      load: z.number(),
      inference: z.number(),
      total: z.number(),
    }),
    features: z.array(z.string()),
    inputs: z.array(z.array(z.unknown())).describe('The first rows, in the order of `features`.'),
    outputs: z.array(z.unknown()).describe('Predictions of these rows.'),
    confidence: z.array(z.number().nullable()).nullable(),
    predicted_classes: z
      .record(z.string(), z.number())
      .nullable()
      .describe('How many of all rows were given each class.'),
  })
  .meta({ id: 'LoggedPrediction' });
export type LoggedPrediction = z.infer<typeof loggedPrediction>;

export const loggedPredictions = z.object({
  items: z.array(loggedPrediction),
  next_cursor: z.string().nullable(),
});
