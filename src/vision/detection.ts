import type { Box, Point } from '../protocol/image.ts';

/** One thing found in a picture, before it becomes a face or an object of the API. */
export interface Detection {
  readonly box: Box;
  /** Confidence of the detector, 0 to 1. */
  readonly score: number;
  readonly landmarks: readonly Point[];
}

/** Raw float32 outputs of a model, by name. */
export type OutputTensors = Readonly<
  Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>
>;
