import type { Pixels } from './pixels.ts';
import {
  type Affine,
  inverseAffine,
  mapPoint,
  type Region,
  warpAffine,
  warpCover,
} from './warp-affine.ts';

/** Cover, 0 to 1, from which a pixel counts as part of the face: 20 of 255, as in insightface's inswapper.py. */
const COVERED = 20 / 255;
/** The mask loses a tenth of its size at every side, at least 10 pixels in all, and is blurred over a twentieth. */
const ERODED = { share: 10, least: 10 };
const BLURRED = { share: 20, least: 5 };

/**
 * The picture with the face laid over it where it was cut out, its edges eroded and blurred away. Only the part of
 * the picture around the face is computed; the rest is as it was.
 * @param map from the picture to `face`, as the cut was made
 */
export function pasteFace(picture: Pixels, face: Pixels, map: Affine): Pixels {
  const back = inverseAffine(map);
  const quad = boundsOf(face, back, picture, 1);
  if (quad === undefined) return picture;
  const size = maskSize(warpCover(face, back, quad), quad.width);
  if (size === undefined) return picture;
  const radius = Math.max(Math.trunc(size / BLURRED.share), BLURRED.least);
  // Beyond it there is nothing that erosion or blur could see.
  const region = boundsOf(face, back, picture, radius + 2);
  if (region === undefined) return picture;
  const covered = warpCover(face, back, region);
  // By index: an iterator is ten times as slow here.
  for (let index = 0; index < covered.length; index++)
    if ((covered[index] ?? 0) > COVERED) covered[index] = 1;
  const eroded = erode(covered, region, Math.max(Math.trunc(size / ERODED.share), ERODED.least));
  return blend(picture, warpAffine(face, back, region), blur(eroded, region, radius), region);
}

/** The part of the picture that the face covers, with so many pixels more at every side; undefined when none. */
function boundsOf(face: Pixels, back: Affine, picture: Pixels, more: number): Region | undefined {
  const [right, bottom] = [face.width, face.height];
  const corners = (
    [
      [-1, -1],
      [right, -1],
      [-1, bottom],
      [right, bottom],
    ] as const
  ).map(([x, y]) => mapPoint(back, [x, y]));
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const left = Math.max(0, Math.floor(Math.min(...xs)) - more);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - more);
  const width = Math.min(picture.width, Math.ceil(Math.max(...xs)) + 1 + more) - left;
  const height = Math.min(picture.height, Math.ceil(Math.max(...ys)) + 1 + more) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : undefined;
}

/** The geometric mean of the mask's width and height, in whole pixels; undefined when nothing is covered. */
function maskSize(cover: Float32Array, width: number): number | undefined {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let index = 0; index < cover.length; index++) {
    if (!((cover[index] ?? 0) > COVERED)) continue;
    const x = index % width;
    const y = Math.floor(index / width);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right < left ? undefined : Math.trunc(Math.sqrt((right - left) * (bottom - top)));
}

/** The least value of each square of `side` pixels; what is outside of the region does not count. */
function erode(mask: Float32Array, { width, height }: Region, side: number): Float32Array {
  const before = Math.trunc(side / 2);
  const rows = mask.slice();
  for (let y = 0; y < height; y++)
    leastOf(mask, rows, { first: y * width, step: 1, count: width }, before, side);
  const out = rows.slice();
  for (let x = 0; x < width; x++)
    leastOf(rows, out, { first: x, step: width, count: height }, before, side);
  return out;
}

/** A row or a column of a plane. */
interface Line {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** The least of each window of `side` values, by a queue of rising values: every value enters and leaves once. */
function leastOf(
  from: Float32Array,
  to: Float32Array,
  { first, step, count }: Line,
  before: number,
  side: number,
): void {
  const queue = new Int32Array(count);
  let [head, tail, next] = [0, 0, 0];
  const valueAt = (index: number): number => from[first + index * step] ?? 0;
  for (let index = 0; index < count; index++) {
    for (; next < Math.min(count, index - before + side); next++) {
      while (tail > head && valueAt(queue[tail - 1] ?? 0) >= valueAt(next)) tail--;
      queue[tail++] = next;
    }
    while (tail > head && (queue[head] ?? 0) < index - before) head++;
    to[first + index * step] = valueAt(queue[head] ?? 0);
  }
}

/** Gaussian, of the width that OpenCV takes for a kernel of 2 x radius + 1; edges are mirrored. */
function blur(mask: Float32Array, { width, height }: Region, radius: number): Float32Array {
  const sums = runningGaussian(radius);
  const rows = new Float32Array(mask.length);
  for (let y = 0; y < height; y++)
    blurLine(mask, rows, { first: y * width, step: 1, count: width }, sums);
  const out = new Float32Array(mask.length);
  for (let x = 0; x < width; x++)
    blurLine(rows, out, { first: x, step: width, count: height }, sums);
  return out;
}

/** Sums of the first weights, up to all of them: 1. */
function runningGaussian(radius: number): Float64Array {
  const sigma = 0.3 * (radius - 1) + 0.8;
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-((index - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let running = 0;
  return weights.map((weight) => (running += weight / total));
}

/**
 * Works on steps between neighbours, since a mask has few: with C the running sums of the weights, Σ weight x value is
 * the last value minus Σ C x step (Abel's summation). So wide kernels cost little on large faces.
 */
function blurLine(
  from: Float32Array,
  to: Float32Array,
  { first, step, count }: Line,
  sums: Float64Array,
): void {
  const radius = (sums.length - 1) / 2;
  const line = new Float32Array(count + 2 * radius);
  for (let index = 0; index < line.length; index++) {
    const inside = index - radius;
    const at = inside >= 0 && inside < count ? inside : mirroredIndex(inside, count);
    line[index] = from[first + at * step] ?? 0;
  }
  const steps = new Int32Array(line.length);
  let found = 0;
  for (let index = 0; index + 1 < line.length; index++)
    if (line[index] !== line[index + 1]) steps[found++] = index;
  let [head, tail] = [0, 0];
  for (let index = 0; index < count; index++) {
    const last = index + 2 * radius;
    while (tail < found && (steps[tail] ?? 0) < last) tail++;
    while (head < tail && (steps[head] ?? 0) < index) head++;
    let sum = line[last] ?? 0;
    for (let at = head; at < tail; at++) {
      const place = steps[at] ?? 0;
      sum -= (sums[place - index] ?? 0) * ((line[place + 1] ?? 0) - (line[place] ?? 0));
    }
    to[first + index * step] = sum;
  }
}

/** Mirrored at the first and the last value, which are not repeated; again and again for short lines. */
function mirroredIndex(index: number, count: number): number {
  if (count === 1) return 0;
  const period = 2 * (count - 1);
  const inPeriod = ((index % period) + period) % period;
  return inPeriod < count ? inPeriod : period - inPeriod;
}

function blend(picture: Pixels, face: Pixels, mask: Float32Array, region: Region): Pixels {
  const data = new Uint8Array(picture.data);
  for (let row = 0; row < region.height; row++) {
    for (let column = 0; column < region.width; column++) {
      const index = row * region.width + column;
      const share = mask[index] ?? 0;
      if (share === 0) continue;
      const at = ((region.top + row) * picture.width + region.left + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        data[at + channel] =
          share * (face.data[index * 3 + channel] ?? 0) + (1 - share) * (data[at + channel] ?? 0);
      }
    }
  }
  return { data, width: picture.width, height: picture.height };
}
