import type { Point } from '../protocol/image.ts';
import type { Affine } from './warp-affine.ts';

/**
 * The similarity (scale, rotation, shift; no reflection) that lays `from` on `to` with the least sum of squares.
 * The solution of Umeyama (Least-Squares Estimation of Transformation Parameters Between Two Point Patterns, 1991) in
 * two dimensions, where its rotation needs no singular values: with points as complex numbers around their means,
 * scale x rotation = Σ conj(from) to / Σ |from|².
 * @returns undefined when the points of `from` all lie on one place, or are no finite numbers
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Affine | undefined {
  const [fromX, fromY] = meanOf(from);
  const [toX, toY] = meanOf(to);
  let [along, across, spread] = [0, 0, 0];
  for (const [index, [x, y]] of from.entries()) {
    const [u, v] = to[index] ?? [toX, toY];
    along += (x - fromX) * (u - toX) + (y - fromY) * (v - toY);
    across += (x - fromX) * (v - toY) - (y - fromY) * (u - toX);
    spread += (x - fromX) ** 2 + (y - fromY) ** 2;
  }
  const [a, d] = [along / spread, across / spread];
  if (!(spread > 0) || !Number.isFinite(a) || !Number.isFinite(d)) return undefined;
  if (a === 0 && d === 0) return undefined;
  return [a, -d, toX - a * fromX + d * fromY, d, a, toY - d * fromX - a * fromY];
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
