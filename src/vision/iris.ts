import type { SpacePoint } from '../protocol/face.ts';
import type { Point } from '../protocol/image.ts';
import { CROP_SIZE, type FaceCrop } from './face-crop.ts';
import { mirrored, type Pixels } from './pixels.ts';
import { readSquare, squareToSource, type TurnedSquare } from './turned-square.ts';

/** The person's own right eye is on the left of the picture. */
export const eyes = ['right', 'left'] as const;
export type Eye = (typeof eyes)[number];

/**
 * Corners of the eyes among the mesh's points, outer first, and how much larger than the distance of
 * the corners the eye's square is. Source: MediaPipe, iris_landmark_left_and_right and
 * iris_landmark_landmarks_to_roi.
 */
const CORNERS: Readonly<Record<Eye, readonly [number, number]>> = {
  right: [33, 133],
  left: [263, 362],
};
const ENLARGED = 2.3;
/** The iris among the model's points: centre, right, top, left, bottom. */
const IRIS = [71, 72, 73, 74, 75] as const;

/** One eye, cut out of a face's crop as the model wants to see it. */
export interface EyeCrop {
  readonly pixels: Pixels;
  /** Where it lies in the face's crop. */
  readonly square: TurnedSquare;
  /** The model knows the person's right eye; the left one is shown to it in a mirror. */
  readonly mirror: boolean;
}

/** @param mesh in pixels of the face's crop  @param size side of the model's input, in pixels */
export async function cropEye(
  face: FaceCrop,
  mesh: readonly SpacePoint[],
  eye: Eye,
  size: number,
): Promise<EyeCrop> {
  const [outer, inner] = CORNERS[eye];
  const [x1, y1] = mesh[outer] ?? [0, 0, 0];
  const [x2, y2] = mesh[inner] ?? [0, 0, 0];
  const square: TurnedSquare = {
    centre: [(x1 + x2) / 2, (y1 + y2) / 2],
    side: Math.max(1, ENLARGED * Math.hypot(x2 - x1, y2 - y1)),
    angle: 0,
  };
  const upright = await readSquare(face.pixels, square, size);
  const mirror = eye === 'left';
  return { pixels: mirror ? mirrored(upright) : upright, square, mirror };
}

/**
 * The iris in pixels of the source picture: centre, right, top, left, bottom, as seen in the upright face.
 * @param points of the model, in pixels of its input of `size`
 */
export function irisInSource(
  points: readonly SpacePoint[],
  eye: EyeCrop,
  face: FaceCrop,
  size: number,
): Point[] {
  const [centre, right, top, left, bottom] = IRIS.map((index): Point => {
    const [x, y] = points[index] ?? [0, 0, 0];
    const inCrop = squareToSource(eye.square, size, [eye.mirror ? size - x : x, y]);
    return squareToSource(face.square, CROP_SIZE, inCrop);
  });
  if (!centre || !right || !top || !left || !bottom) return [];
  // In the mirror, the model's right is left.
  return eye.mirror ? [centre, left, top, right, bottom] : [centre, right, top, left, bottom];
}
