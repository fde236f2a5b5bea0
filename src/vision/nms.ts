import type { Box, Point } from '../protocol/image.ts';
import type { Detection } from './detection.ts';

/** Candidates looked at, best first: bounds the quadratic work on a model gone wild. */
const MAX_CANDIDATES = 1000;

/** Intersection over union of two boxes, 0 to 1; 0 for boxes without area. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (area(a) + area(b) - intersection);
}

/**
 * Plain non-maximum suppression: the best of each cluster, by descending score; equal scores keep
 * their order.
 * @param threshold boxes with an IoU above it are one thing, 0 to 1
 */
export function suppress<T extends Candidate>(detections: readonly T[], threshold: number): T[] {
  return clusters(detections, threshold).map(([best]) => best);
}

/** Candidates of a face detector looked at: crowds of hundreds are found several times each. */
const MAX_FACE_CANDIDATES = 5000;

/**
 * Plain suppression as insightface has it: a box of whole pixels from x1 to x2 is x2 - x1 + 1 wide, which counts for
 * small faces.
 */
export function suppressPixels<T extends Candidate>(
  candidates: readonly T[],
  threshold: number,
): T[] {
  const kept: T[] = [];
  const ranked = candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX_FACE_CANDIDATES);
  for (const candidate of ranked) {
    if (kept.every((better) => pixelIou(better.box, candidate.box) <= threshold))
      kept.push(candidate);
  }
  return kept;
}

function pixelIou(a: Box, b: Box): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]) + 1);
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]) + 1);
  const both = width * height;
  return both / (pixelArea(a) + pixelArea(b) - both);
}

function pixelArea([x1, y1, x2, y2]: Box): number {
  return (x2 - x1 + 1) * (y2 - y1 + 1);
}

/**
 * Weighted non-maximum suppression: each cluster becomes the mean of its boxes and landmarks,
 * weighted by score, with the best score. As MediaPipe does for BlazeFace (Bazarevsky et al. 2019,
 * §4; NonMaxSuppressionCalculator, WEIGHTED): steadier from frame to frame than the best box alone.
 */
export function suppressWeighted(detections: readonly Detection[], threshold: number): Detection[] {
  return clusters(detections, threshold).map((cluster) => blend(cluster));
}

type Candidate = Pick<Detection, 'box' | 'score'>;
type Cluster<T> = readonly [T, ...T[]];

function clusters<T extends Candidate>(detections: readonly T[], threshold: number): Cluster<T>[] {
  let rest = detections.toSorted((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  const found: Cluster<T>[] = [];
  for (let best = rest[0]; best !== undefined; best = rest[0]) {
    const { box } = best;
    const others = rest.slice(1);
    const near = others.filter((other) => iou(box, other.box) > threshold);
    found.push([best, ...near]);
    rest = others.filter((other) => iou(box, other.box) <= threshold);
  }
  return found;
}

function blend(cluster: Cluster<Detection>): Detection {
  const [best] = cluster;
  const total = cluster.reduce((sum, { score }) => sum + score, 0);
  const mean = (read: (detection: Detection) => number): number =>
    cluster.reduce((sum, detection) => sum + read(detection) * detection.score, 0) / total;
  const box: Box = [
    mean(({ box }) => box[0]),
    mean(({ box }) => box[1]),
    mean(({ box }) => box[2]),
    mean(({ box }) => box[3]),
  ];
  const landmarks = best.landmarks.map((_, index): Point => [
    mean(({ landmarks }) => landmarks[index]?.[0] ?? 0),
    mean(({ landmarks }) => landmarks[index]?.[1] ?? 0),
  ]);
  return { box, score: best.score, landmarks };
}

function area([x1, y1, x2, y2]: Box): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}
