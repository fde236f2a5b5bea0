import type { HeadPose, SpacePoint } from '../protocol/face.ts';
import { MEAN_HEAD_68 } from './mean-head-68.ts';

const DEGREES = 180 / Math.PI;
/** A point of the mean head, and 1 for the shift. */
const HEAD = MEAN_HEAD_68.map(([x, y, z]) => [x, y, z, 1]);

/**
 * Head pose in degrees, signs as in protocol/face.ts, from 68 landmarks in space: the affine map from the mean head
 * by least squares, its first two rows made unit length, the third their cross product, read as Rz(roll) Ry(yaw)
 * Rx(pitch). As insightface has it (utils/transform.py: estimate_affine_matrix_3d23d, P2sRt, matrix2angle).
 * @param landmarks in pixels of the picture, y down, z towards the camera
 * @returns undefined when they are not 68 or span no face
 */
export function landmarkPose(landmarks: readonly SpacePoint[]): HeadPose | undefined {
  if (landmarks.length !== HEAD.length) return undefined;
  const right = unit(fitRow(landmarks.map(([x]) => x)));
  const down = unit(fitRow(landmarks.map(([, y]) => y)));
  if (!right || !down) return undefined;
  const [a = 0, b = 0, c = 0] = right;
  const [d = 0, e = 0, f = 0] = down;
  const [lastX, lastY, lastZ] = [b * f - c * e, c * d - a * f, a * e - b * d];
  const level = Math.hypot(a, d);
  // Looking straight to the side: roll and pitch are one, and pitch is it.
  if (level < 1e-6)
    return {
      pitch: Math.atan2(-f, e) * DEGREES,
      yaw: Math.atan2(-lastX, level) * DEGREES,
      roll: 0,
    };
  return {
    pitch: Math.atan2(lastY, lastZ) * DEGREES,
    yaw: Math.atan2(-lastX, level) * DEGREES,
    roll: Math.atan2(d, a) * DEGREES,
  };
}

/** The first three of the four numbers r that minimise Σ (r · (head point, 1) - coordinate)². */
function fitRow(coordinates: readonly number[]): readonly number[] {
  const equations = [0, 1, 2, 3].map((row) => [
    ...[0, 1, 2, 3].map((column) => sum(HEAD, (point) => (point[row] ?? 0) * (point[column] ?? 0))),
    sum(HEAD, (point, index) => (point[row] ?? 0) * (coordinates[index] ?? 0)),
  ]);
  return solve(equations).slice(0, 3);
}

/** Gauss and Jordan with pivots; the last column is the right side. The head's matrix is far from singular. */
function solve(rows: number[][]): number[] {
  for (let column = 0; column < rows.length; column++) {
    const rest = rows.slice(column);
    const pivot = rest.reduce((best, row) =>
      Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best,
    );
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    const lead = pivot[column] ?? 1;
    for (const [index, row] of rows.entries()) {
      if (index === column) continue;
      const factor = (row[column] ?? 0) / lead;
      for (let at = column; at < row.length; at++)
        row[at] = (row[at] ?? 0) - factor * (pivot[at] ?? 0);
    }
  }
  return rows.map((row, index) => (row.at(-1) ?? 0) / (row[index] ?? 1));
}

function sum<T>(items: readonly T[], value: (item: T, index: number) => number): number {
  return items.reduce((total, item, index) => total + value(item, index), 0);
}

function unit(row: readonly number[]): readonly number[] | undefined {
  const length = Math.hypot(...row);
  return Number.isFinite(length) && length > 1e-9 ? row.map((value) => value / length) : undefined;
}
