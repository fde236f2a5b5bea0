import type { DetectedObject } from '../protocol/object.ts';
import { iou } from './nms.ts';

/** Candidates looked at, best first: what Ultralytics calls max_nms. */
const MAX_CANDIDATES = 30_000;

/**
 * Greedy suppression among objects of the same class, best first; equal scores keep their order. It ends with the
 * `most`-th object, so the work is bounded by candidates times `most`.
 * @param threshold boxes of a class with an IoU above it are one thing, 0 to 1
 */
export function keepBest(
  candidates: readonly DetectedObject[],
  threshold: number,
  most: number,
): DetectedObject[] {
  const ranked = candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  const byClass = new Map<number, DetectedObject[]>();
  const kept: DetectedObject[] = [];
  for (const candidate of ranked) {
    if (kept.length >= most) break;
    const better = byClass.get(candidate.class_id) ?? [];
    if (better.some(({ box }) => iou(box, candidate.box) > threshold)) continue;
    kept.push(candidate);
    better.push(candidate);
    byClass.set(candidate.class_id, better);
  }
  return kept;
}
