import type { SpacePoint } from '../protocol/face.ts';
import { CROP_SIZE } from './face-crop.ts';
import { squareToSource, type TurnedSquare } from './turned-square.ts';

/** Points of a model's input in pixels of the face's crop; z on the same scale. */
export function pointsInCrop(
  points: readonly SpacePoint[],
  input: { readonly width: number; readonly height: number },
): SpacePoint[] {
  const [scaleX, scaleY] = [CROP_SIZE / input.width, CROP_SIZE / input.height];
  return points.map(([x, y, z]): SpacePoint => [x * scaleX, y * scaleY, z * scaleX]);
}

/** Points of the face's crop in pixels of the source picture; z on the same scale. */
export function pointsInSource(points: readonly SpacePoint[], square: TurnedSquare): SpacePoint[] {
  const scale = square.side / CROP_SIZE;
  return points.map(([x, y, z]): SpacePoint => [
    ...squareToSource(square, CROP_SIZE, [x, y]),
    z * scale,
  ]);
}
