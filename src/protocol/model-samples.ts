import { z } from 'zod';
import { refuseUnstorable } from './stored-values.ts';

const mostRows = 1000;

/** What a model answered where it was trained: rows as predictions take them, and what came of each. */
export const modelSamples = z
  .strictObject({
    inputs: z.array(z.unknown()).min(1).max(mostRows),
    predictions: z.array(z.unknown()).optional(),
    probabilities: z.array(z.unknown()).optional(),
    tolerance: z.number().min(0).max(1).optional(),
  })
  .superRefine(refuseUnstorable)
  .refine(
    ({ predictions, probabilities }) => predictions !== undefined || probabilities !== undefined,
    'needs `predictions`, `probabilities`, or both',
  )
  .refine(
    ({ inputs, predictions = inputs, probabilities = inputs }) =>
      predictions.length === inputs.length && probabilities.length === inputs.length,
    'needs one entry per row of `inputs` in `predictions` and `probabilities`',
  );
export type ModelSamples = z.infer<typeof modelSamples>;

/** How the served model agrees with samples; kept in the version's report as `parity`. */
export interface ParityReport {
  readonly rows: number;
  /** Single values that were compared. */
  readonly values: number;
  /** Labels are equal; numbers differ by at most this much, times the expected one where that is beyond 1. */
  readonly tolerance: number;
  /** Null where labels differ: no number says how much. */
  readonly max_difference: number | null;
  /** Where that is; null when everything is the same. */
  readonly worst: SampleDifference | null;
}

export interface SampleDifference {
  readonly row: number;
  /** Such as `probabilities.setosa`. */
  readonly value: string;
  readonly expected: unknown;
  readonly actual: unknown;
  /** Null for labels, which differ or do not. */
  readonly difference: number | null;
}
