import { z } from 'zod';
import { box } from './image.ts';

/** One thing that an object detector found. */
export const detectedObject = z
  .object({
    label: z.string(),
    class_id: z.int(),
    score: z.number().describe('Confidence of the detector, 0 to 1.'),
    box,
  })
  .meta({ id: 'DetectedObject' });
export type DetectedObject = z.infer<typeof detectedObject>;

/** One class of a classifier with its probability. */
export const classScore = z
  .object({ label: z.string(), class_id: z.int(), score: z.number() })
  .meta({ id: 'ClassScore' });
export type ClassScore = z.infer<typeof classScore>;

/** A label that was found to fit, of those that were to choose from. */
export const labelScore = z
  .object({
    label: z.string(),
    score: z.number().describe('Probability among the labels to choose from.'),
  })
  .meta({ id: 'LabelScore' });

/** How a caller narrows what a detector finds; what is left out is the model's own. */
export interface DetectOptions {
  /** Least score, 0 to 1. */
  readonly score?: number | undefined;
  /** Least scores of single classes, by label; they go before `score`. */
  readonly classScores?: Readonly<Record<string, number>> | undefined;
  /** Labels or class ids to look for, and no others. */
  readonly classes?: readonly string[] | undefined;
  /** Overlap above which two boxes of a class are one thing, 0 to 1. Models that need no suppression ignore it. */
  readonly iou?: number | undefined;
  /** Most objects in the answer, the best ones. */
  readonly most?: number | undefined;
}
