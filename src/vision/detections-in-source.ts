import type { Box } from '../protocol/image.ts';
import type { Detection } from './detection.ts';
import { boxToSource, clipBox, type InputTransform, pointToSource } from './letterbox.ts';

/**
 * Faces in pixels of the source picture. Landmarks are not clipped, since a keypoint outside the
 * picture still tells the pose.
 */
export function detectionsInSource(
  detections: readonly Detection[],
  transform: InputTransform,
): Detection[] {
  return insidePicture(candidatesInSource(detections, transform), transform).map(
    ({ box, score, landmarks }) => ({ box, score, landmarks }),
  );
}

/** The same without clipping or dropping anything. */
export function candidatesInSource(
  detections: readonly Detection[],
  transform: InputTransform,
): Detection[] {
  return detections.map(({ box, score, landmarks }) => ({
    box: boxToSource(transform, box),
    score,
    landmarks: landmarks.map((point) => pointToSource(transform, point)),
  }));
}

/** Boxes clipped to the picture, with what they were as `reach`; dropped when nothing of them is inside. */
export function insidePicture(
  detections: readonly Detection[],
  { width, height }: { readonly width: number; readonly height: number },
): (Detection & { readonly reach: Box })[] {
  return detections
    .map((detection) => ({
      ...detection,
      box: clipBox(detection.box, width, height),
      reach: detection.box,
    }))
    .filter(({ box: [x1, y1, x2, y2] }) => x2 > x1 && y2 > y1);
}

/**
 * Things with their boxes in pixels of the source picture, in the same order. Boxes are clipped to
 * the picture, and things dropped when nothing of them is inside.
 */
export function boxesInSource<T extends { readonly box: Box }>(
  things: readonly T[],
  transform: InputTransform,
): T[] {
  return things
    .map((thing) => ({
      ...thing,
      box: clipBox(boxToSource(transform, thing.box), transform.width, transform.height),
    }))
    .filter(({ box: [x1, y1, x2, y2] }) => x2 > x1 && y2 > y1);
}
