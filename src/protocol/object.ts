import { z } from 'zod';
import { box } from './image.ts';

/** One thing that an object detector found. */
export const detectedObject = z.object({
  label: z.string(),
  class_id: z.int(),
  score: z.number().describe('Confidence of the detector, 0 to 1.'),
  box,
});
export type DetectedObject = z.infer<typeof detectedObject>;

/** One class of a classifier with its probability. */
export const classScore = z.object({ label: z.string(), class_id: z.int(), score: z.number() });
export type ClassScore = z.infer<typeof classScore>;
