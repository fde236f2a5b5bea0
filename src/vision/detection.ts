import type { Box, Point } from '../protocol/image.ts';

/** A face found in a picture, before its pose and quality are known. */
export interface Detection {
  readonly box: Box;
  /** Confidence of the detector, 0 to 1. */
  readonly score: number;
  readonly landmarks: readonly Point[];
}
