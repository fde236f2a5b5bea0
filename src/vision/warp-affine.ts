import type { Point } from '../protocol/image.ts';
import type { Pixels } from './pixels.ts';
import { roundHalfEven } from './resize-linear.ts';

/**
 * An affine map of pixel centres, which lie on whole numbers: x' = a x + b y + c, y' = d x + e y + f, as
 * [a, b, c, d, e, f].
 */
export type Affine = readonly [number, number, number, number, number, number];

/** A rectangle of whole pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Places are in parts of 1,024 of a pixel while they are added up, then rounded to parts of 32. */
const FINE = 1024;
const TO_PLACE = 5;
const PARTS = 32;

/** The way back. @throws RangeError when the map has none */
export function inverseAffine([a, b, c, d, e, f]: Affine): Affine {
  const determinant = a * e - b * d;
  if (determinant === 0 || !Number.isFinite(determinant)) {
    throw new RangeError('The affine map has no inverse.');
  }
  const scale = 1 / determinant;
  const [ia, ib, id, ie] = [e * scale, -b * scale, -d * scale, a * scale];
  return [ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f];
}

export function mapPoint([a, b, c, d, e, f]: Affine, [x, y]: Point): Point {
  return [a * x + b * y + c, d * x + e * y + f];
}

/**
 * A part of the picture that `map`, from source to target, makes of the source: bilinear, 0 outside of it. The values
 * are those of `cv2.warpAffine` (OpenCV 4.10), whose places are rounded to a 32nd of a pixel.
 */
export function warpAffine(pixels: Pixels, map: Affine, region: Region): Pixels {
  const { data, width, height } = pixels;
  const out = new Uint8Array(region.width * region.height * 3);
  const at = (x: number, y: number, channel: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (data[(y * width + x) * 3 + channel] ?? 0);
  forEachPlace(map, region, (index, x, y, right, bottom) => {
    const inside = x >= 0 && y >= 0 && x + 1 < width && y + 1 < height;
    if (!inside && (x < -1 || y < -1 || x >= width || y >= height)) return;
    const weightD = right * bottom;
    const weightB = right * PARTS - weightD;
    const weightC = bottom * PARTS - weightD;
    const weightA = PARTS * PARTS - weightB - weightC - weightD;
    const a = (y * width + x) * 3;
    const c = a + width * 3;
    for (let channel = 0; channel < 3; channel++) {
      const sum = inside
        ? (data[a + channel] ?? 0) * weightA +
          (data[a + 3 + channel] ?? 0) * weightB +
          (data[c + channel] ?? 0) * weightC +
          (data[c + 3 + channel] ?? 0) * weightD
        : at(x, y, channel) * weightA +
          at(x + 1, y, channel) * weightB +
          at(x, y + 1, channel) * weightC +
          at(x + 1, y + 1, channel) * weightD;
      out[index * 3 + channel] = (sum + (PARTS * PARTS) / 2) >> 10;
    }
  });
  return { data: out, width: region.width, height: region.height };
}

/** How much of each pixel of the region a white source of that size covers, 0 to 1. */
export function warpCover(
  { width, height }: { readonly width: number; readonly height: number },
  map: Affine,
  region: Region,
): Float32Array {
  const out = new Float32Array(region.width * region.height);
  // Along one axis: the weights of the two neighbours that are inside.
  const share = (place: number, part: number, size: number): number =>
    (place >= 0 && place < size ? PARTS - part : 0) + (place >= -1 && place < size - 1 ? part : 0);
  forEachPlace(map, region, (index, x, y, right, bottom) => {
    out[index] = (share(x, right, width) * share(y, bottom, height)) / (PARTS * PARTS);
  });
  return out;
}

/** For each pixel of the region: its index, the whole place in the source, and how far beyond it in parts of 32. */
function forEachPlace(
  map: Affine,
  { left, top, width, height }: Region,
  visit: (index: number, x: number, y: number, right: number, bottom: number) => void,
): void {
  const [a, b, c, d, e, f] = inverseAffine(map);
  const columnsX = new Float64Array(width);
  const columnsY = new Float64Array(width);
  for (let column = 0; column < width; column++) {
    columnsX[column] = roundHalfEven(a * (left + column) * FINE);
    columnsY[column] = roundHalfEven(d * (left + column) * FINE);
  }
  const half = FINE / PARTS / 2;
  for (let row = 0, index = 0; row < height; row++) {
    const startX = roundHalfEven((b * (top + row) + c) * FINE) + half;
    const startY = roundHalfEven((e * (top + row) + f) * FINE) + half;
    for (let column = 0; column < width; column++, index++) {
      const x = Math.floor((startX + (columnsX[column] ?? 0)) / PARTS);
      const y = Math.floor((startY + (columnsY[column] ?? 0)) / PARTS);
      visit(index, x >> TO_PLACE, y >> TO_PLACE, x & (PARTS - 1), y & (PARTS - 1));
    }
  }
}
