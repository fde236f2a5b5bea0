import { z } from 'zod';

/** A row as values in the order of the features, as a record by feature name, or as the one value there is. */
const row = z.union([
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
  z.string(),
  z.number(),
  z.boolean(),
]);

/** Body of `predict/{model_id}`, as documented. It is checked by hand: rows may hold 100,000 numbers. */
export const predictionRequest = z
  .object({
    inputs: z.array(row).min(1).describe('One row or many.'),
    cache: z.boolean().default(true).describe('false: compute anew, and do not keep the result.'),
    version: z
      .union([z.int().positive(), z.string().min(1).max(64)])
      .optional()
      .describe('As `?version=`: a number or an alias.'),
  })
  .meta({ id: 'PredictionRequest' });

export const prediction = z
  .object({
    prediction_id: z.uuid(),
    model: z.object({ id: z.uuid(), name: z.string(), version: z.int() }),
    predictions: z
      .array(z.unknown())
      .describe(
        'One per row: the class, the number, the vector, or an object by output or target name. An int64 beyond 2^53 is decimal text; NaN and infinity are null.',
      ),
    probabilities: z
      .array(
        z.record(
          z.string(),
          z.union([z.number().nullable(), z.record(z.string(), z.number().nullable())]),
        ),
      )
      .optional()
      .describe('Per row, by class; by target and class where a model answers several questions.'),
    confidence: z.array(z.number()).optional().describe('Per row, the greatest probability.'),
    scores: z
      .array(z.unknown())
      .optional()
      .describe('Per row, what the decision function says, of models without probabilities.'),
    inference_time_ms: z.number(),
    total_time_ms: z.number(),
    cached: z.boolean(),
  })
  .meta({ id: 'Prediction' });
export type Prediction = z.infer<typeof prediction>;

/** One value that does not fit. `column` is a feature's name, or its place when it has none. */
export interface InputMistake {
  readonly row: number;
  readonly column: string | number | null;
  readonly message: string;
}
