import type { Face } from '../protocol/face.ts';
import type { Point } from '../protocol/image.ts';
import type { Pixels } from './pixels.ts';
import { reduce } from './reduce.ts';
import { readSquare, type TurnedSquare } from './turned-square.ts';

/** Side of a face's crop, in pixels: the largest input among the face models. */
export const CROP_SIZE = 224;
/**
 * Side of the crop over the longer side of the detector's box. 1.5 is MediaPipe's region of interest for
 * its face mesh. Measured for all models on 21 faces, each moved, scaled, turned and mirrored, with 0.9
 * to 1.7: from 1.4 on the mesh is at its steadiest (2 % of the distance between the eyes; 8 % at 0.9), and at 1.5
 * descriptors tell people apart best (d' 10.1; 9.5 at 0.9) and liveness is high for every live face; gender
 * and age hardly depend on it; emotions are a little steadier at 1.3 (0.086 against 0.095 in total variation).
 */
const CONTEXT = 1.5;

/** A face cut out once for every model that looks at it: upright, `CROP_SIZE` pixels a side. */
export interface FaceCrop {
  readonly pixels: Pixels;
  /** Where it lies in the picture. */
  readonly square: TurnedSquare;
}

/** The square around the middle of the face's box, turned so that the eyes are level. */
export async function cropFace(
  pixels: Pixels,
  { box: [x1, y1, x2, y2], landmarks: [rightEye, leftEye] }: Pick<Face, 'box' | 'landmarks'>,
): Promise<FaceCrop> {
  const square: TurnedSquare = {
    centre: [(x1 + x2) / 2, (y1 + y2) / 2],
    side: CONTEXT * Math.max(x2 - x1, y2 - y1),
    angle: rightEye && leftEye ? directionOf(rightEye, leftEye) : 0,
  };
  return { pixels: await readSquare(pixels, square, CROP_SIZE), square };
}

/** The crop at the size of a model's input, at most `CROP_SIZE` pixels a side. */
export function faceInput(
  { pixels }: FaceCrop,
  { width, height }: { readonly width: number; readonly height: number },
): Pixels {
  return reduce(pixels, width, height);
}

function directionOf([x1, y1]: Point, [x2, y2]: Point): number {
  return Math.atan2(y2 - y1, x2 - x1);
}
