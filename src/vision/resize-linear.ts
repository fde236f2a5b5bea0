import type { Pixels } from './pixels.ts';

/** Weights are whole numbers, in parts of 2,048: as OpenCV computes it for bytes, and so bit for bit the same. */
const ONE = 2048;

/** For each target index: the two source indexes, and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weights: Int32Array;
}

/**
 * The picture at `width` x `height` by bilinear reading between four neighbours, whatever the factor: no averaging
 * when it gets smaller. This is OpenCV's default, with which the models of InsightFace were trained and are run; the
 * values are those of `cv2.resize`.
 */
export function resizeLinear(pixels: Pixels, width: number, height: number): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels;
  const columns = tapsOf(pixels.width, width, true);
  const rows = tapsOf(pixels.height, height, false);
  const out = new Uint8Array(width * height * 3);
  const stretched = new Map<number, Int32Array>();
  const rowAt = (index: number): Int32Array => {
    const known = stretched.get(index) ?? stretchRow(pixels, index, columns, width);
    stretched.set(index, known);
    return known;
  };
  for (let row = 0; row < height; row++) {
    const upper = rowAt(rows.first[row] ?? 0);
    const lower = rowAt(rows.second[row] ?? 0);
    // Rows above are never read again: two at a time are kept.
    for (const index of stretched.keys())
      if (index < (rows.first[row] ?? 0)) stretched.delete(index);
    blend(upper, lower, rows, row, out.subarray(row * width * 3, (row + 1) * width * 3));
  }
  return { data: out, width, height };
}

/**
 * @param whole beyond the edges the nearest value counts alone, not in two parts that are cut to whole numbers each:
 *   OpenCV does so along rows, but not along columns
 */
function tapsOf(from: number, to: number, whole: boolean): Taps {
  const taps = {
    first: new Int32Array(to),
    second: new Int32Array(to),
    weights: new Int32Array(2 * to),
  };
  const scale = 1 / (to / from);
  for (let index = 0; index < to; index++) {
    const place = Math.fround((index + 0.5) * scale - 0.5);
    const start = Math.floor(place);
    const part = whole && (start < 0 || start >= from - 1) ? 0 : Math.fround(place - start);
    taps.first[index] = Math.min(Math.max(start, 0), from - 1);
    taps.second[index] = Math.min(Math.max(start + 1, 0), from - 1);
    taps.weights[2 * index] = roundHalfEven(Math.fround(1 - part) * ONE);
    taps.weights[2 * index + 1] = roundHalfEven(part * ONE);
  }
  return taps;
}

/** A row at its new width, times 2,048. */
function stretchRow({ data, width }: Pixels, row: number, taps: Taps, to: number): Int32Array {
  const out = new Int32Array(to * 3);
  const start = row * width * 3;
  for (let column = 0, at = 0; column < to; column++, at += 3) {
    const a = start + (taps.first[column] ?? 0) * 3;
    const b = start + (taps.second[column] ?? 0) * 3;
    const weightA = taps.weights[2 * column] ?? 0;
    const weightB = taps.weights[2 * column + 1] ?? 0;
    out[at] = (data[a] ?? 0) * weightA + (data[b] ?? 0) * weightB;
    out[at + 1] = (data[a + 1] ?? 0) * weightA + (data[b + 1] ?? 0) * weightB;
    out[at + 2] = (data[a + 2] ?? 0) * weightA + (data[b + 2] ?? 0) * weightB;
  }
  return out;
}

/** Shifts before and after the product keep 32 bits, as OpenCV's do; they are part of the result. */
function blend(
  upper: Int32Array,
  lower: Int32Array,
  { weights }: Taps,
  row: number,
  out: Uint8Array,
): void {
  const weightA = weights[2 * row] ?? 0;
  const weightB = weights[2 * row + 1] ?? 0;
  for (let at = 0; at < out.length; at++) {
    const a = (((upper[at] ?? 0) >> 4) * weightA) >> 16;
    const b = (((lower[at] ?? 0) >> 4) * weightB) >> 16;
    out[at] = (a + b + 2) >> 2;
  }
}

/** To the nearest whole number, halves to the even one: `cvRound`. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
