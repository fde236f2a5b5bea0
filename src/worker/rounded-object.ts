import type { DetectedObject } from '../protocol/object.ts';
import { round, roundedBox } from './rounding.ts';

/** An object with as many digits as mean something. */
export function roundedObject({ label, class_id, score, box }: DetectedObject): DetectedObject {
  return { label, class_id, score: round(score, 4), box: roundedBox(box) };
}
