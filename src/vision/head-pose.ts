import type { HeadPose } from '../protocol/face.ts';
import type { Point } from '../protocol/image.ts';
import { MEAN_HEAD_68 } from './mean-head-68.ts';

type Vector = readonly [number, number, number];

/**
 * The six keypoints on a neutral frontal head, in centimetres: x towards the person's left (right
 * in the picture), y up, z towards the camera. Order as in protocol/face.ts. Source: MediaPipe,
 * face_geometry/data/geometry_pipeline_metadata_detection.pbtxt, made for BlazeFace's keypoints.
 */
const HEAD: readonly Vector[] = [
  [-3.151145, 2.624618, 3.465663],
  [3.151145, 2.624618, 3.465663],
  [0, -1.126865, 7.475604],
  [0, -4.304508, 4.162499],
  [-7.664182, 0.673132, -2.435867],
  [7.664182, 0.673132, -2.435867],
];
/**
 * The five points of ArcFace's template on the mean head of 68 landmarks: middles of the eyes, nose tip, corners of
 * the mouth.
 */
const FIVE: readonly Vector[] = [
  mean(MEAN_HEAD_68.slice(36, 42)),
  mean(MEAN_HEAD_68.slice(42, 48)),
  ...[30, 48, 54].flatMap((index) => MEAN_HEAD_68.slice(index, index + 1)),
].map(([x, y, z]): Vector => [x, -y, z]);

/** Points of a head around their mean, and the rows of (AᵀA)⁻¹ for the least squares below. */
interface Head {
  readonly points: readonly Vector[];
  readonly normalInverse: readonly [Vector, Vector, Vector];
}

/** By the number of their points. */
const heads: ReadonlyMap<number, Head> = new Map(
  [HEAD, FIVE].map((points) => [points.length, headOf(points)]),
);
const DEGREES = 180 / Math.PI;
const LEVEL: HeadPose = { yaw: 0, pitch: 0, roll: 0 };

/**
 * Head pose in degrees, signs as in protocol/face.ts; all 0 when the points do not span a face.
 *
 * The head is fitted to the keypoints under scaled orthographic projection (the "POS" step of
 * DeMenthon & Davis, Model-Based Object Pose in 25 Lines of Code, 1995): least squares gives the
 * first two rows of scale x rotation, made orthogonal, the third is their cross product. The
 * rotation is then read as R = Rz(roll) Ry(yaw) Rx(pitch), so turning the picture changes roll alone
 * and mirroring it changes the signs of yaw and roll. Perspective is left out: expect a few degrees
 * of error, more for selfies at arm's length.
 * @param keypoints the six of BlazeFace or the five of ArcFace's template, in pixels, y down
 */
export function headPose(keypoints: readonly Point[]): HeadPose {
  const head = heads.get(keypoints.length);
  if (head === undefined) return LEVEL;
  const rows = orthonormalRows(
    fitRow(
      head,
      keypoints.map(([x]) => x),
    ),
    // Pictures count y downwards.
    fitRow(
      head,
      keypoints.map(([, y]) => -y),
    ),
  );
  return rows === undefined ? LEVEL : angles(...rows);
}

function headOf(points: readonly Vector[]): Head {
  const centre = mean(points);
  const centred = points.map((point) => minus(point, centre));
  return { points: centred, normalInverse: inverse(gram(centred)) };
}

/** The row r of scale x rotation that minimises Σ (r · head point - image coordinate)². */
function fitRow({ points, normalInverse }: Head, coordinates: readonly number[]): Vector {
  const average = coordinates.reduce((sum, value) => sum + value, 0) / coordinates.length;
  const moment = points.reduce<Vector>(
    (sum, point, index) => plus(sum, times(point, (coordinates[index] ?? 0) - average)),
    [0, 0, 0],
  );
  const [a, b, c] = normalInverse;
  return [dot(a, moment), dot(b, moment), dot(c, moment)];
}

/** The nearest pair of perpendicular unit rows: both give way by half of the angle between them. */
function orthonormalRows(first: Vector, second: Vector): readonly [Vector, Vector] | undefined {
  const a = unit(first);
  const b = unit(second);
  if (a === undefined || b === undefined) return undefined;
  const sum = unit(plus(a, b));
  const difference = unit(minus(a, b));
  if (sum === undefined || difference === undefined) return undefined;
  // The sum and the difference of unit vectors are perpendicular: they are the diagonals.
  return [times(plus(sum, difference), Math.SQRT1_2), times(minus(sum, difference), Math.SQRT1_2)];
}

function angles(right: Vector, up: Vector): HeadPose {
  const out = cross(right, up);
  // Where the person's left-right axis points in the picture: clockwise is positive.
  const roll = -Math.atan2(up[0], right[0]);
  // The way the face looks (its z axis), with the roll undone.
  const lookX = Math.cos(roll) * right[2] - Math.sin(roll) * up[2];
  const lookY = Math.sin(roll) * right[2] + Math.cos(roll) * up[2];
  return {
    yaw: Math.atan2(lookX, out[2]) * DEGREES,
    pitch: Math.asin(Math.min(1, Math.max(-1, lookY))) * DEGREES,
    roll: roll * DEGREES,
  };
}

function gram(points: readonly Vector[]): readonly [Vector, Vector, Vector] {
  const row = (i: 0 | 1 | 2): Vector =>
    points.reduce<Vector>((sum, point) => plus(sum, times(point, point[i])), [0, 0, 0]);
  return [row(0), row(1), row(2)];
}

/** Of a symmetric matrix, by cofactors. */
function inverse([a, b, c]: readonly [Vector, Vector, Vector]): readonly [Vector, Vector, Vector] {
  const scale = 1 / dot(a, cross(b, c));
  return [times(cross(b, c), scale), times(cross(c, a), scale), times(cross(a, b), scale)];
}

function mean(points: readonly Vector[]): Vector {
  return times(points.reduce(plus, [0, 0, 0]), 1 / points.length);
}

function plus(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function times(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: Vector): Vector | undefined {
  const length = Math.sqrt(dot(a, a));
  return length > 1e-9 ? times(a, 1 / length) : undefined;
}
