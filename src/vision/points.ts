import type { SpacePoint } from '../protocol/face.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputRows } from './output-tensor.ts';

/** The points that a model sees in one picture. */
export interface PointSet {
  /** Pixels of the model's input; z on the same scale. */
  readonly points: readonly SpacePoint[];
  /** How sure the model is that what the points describe is there, 0 to 1; 1 from models that do not say. */
  readonly presence: number;
}

/** One set of points per picture of the batch. */
export const decodePoints: OutputDecoder<'points', PointSet[]> = (outputs, { output }) => {
  const { points, count, presence } = output;
  const present = presence === undefined ? undefined : outputRows(outputs, presence, 1);
  return outputRows(outputs, points, count * 3).map((row, picture) => ({
    points: spacePoints(row),
    presence: present?.[picture]?.[0] ?? 1,
  }));
};

function spacePoints(row: Float32Array): SpacePoint[] {
  return Array.from({ length: row.length / 3 }, (_, index): SpacePoint => [
    row[3 * index] ?? 0,
    row[3 * index + 1] ?? 0,
    row[3 * index + 2] ?? 0,
  ]);
}
