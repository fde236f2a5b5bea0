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
  return boxesInSource(detections, transform).map((detection) => ({
    ...detection,
    landmarks: detection.landmarks.map((point) => pointToSource(transform, point)),
  }));
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
