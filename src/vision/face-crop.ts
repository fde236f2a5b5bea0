import type { Face } from '../protocol/face.ts';
import type { Point } from '../protocol/image.ts';
import { resize } from './letterbox.ts';
import { crop, type Pixels } from './pixels.ts';
import { readSquare, type TurnedSquare } from './turned-square.ts';

/** Side of a face's crop, in pixels: at least that of every face model's input. */
export const CROP_SIZE = 256;
/** Side of the crop over the longer side of the box. Source: MediaPipe's region of interest for its face mesh. */
export const CROP_CONTEXT = 1.5;

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
    side: CROP_CONTEXT * Math.max(x2 - x1, y2 - y1),
    angle: rightEye && leftEye ? directionOf(rightEye, leftEye) : 0,
  };
  return { pixels: await readSquare(pixels, square, CROP_SIZE), square };
}

/**
 * The crop as a model's input.
 * @param context side of what is shown over the longer side of the face's box, at most `CROP_CONTEXT`
 */
export async function faceInput(
  { pixels }: FaceCrop,
  size: { readonly width: number; readonly height: number },
  context: number = CROP_CONTEXT,
): Promise<Pixels> {
  const margin = Math.round((CROP_SIZE / 2) * (1 - context / CROP_CONTEXT));
  const inner =
    margin === 0 ? pixels : crop(pixels, [margin, margin, CROP_SIZE - margin, CROP_SIZE - margin]);
  return resize(inner, size.width, size.height);
}

function directionOf([x1, y1]: Point, [x2, y2]: Point): number {
  return Math.atan2(y2 - y1, x2 - x1);
}
