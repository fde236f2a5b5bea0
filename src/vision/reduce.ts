import type { Pixels } from './pixels.ts';

/**
 * A small picture made smaller by area averages, on this thread: handing 224 x 224 pixels to the codec
 * and back takes longer than the work itself.
 * @param width at most the picture's, as `height`
 */
export function reduce(pixels: Pixels, width: number, height: number): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels;
  // Rows first: what follows then has fewer of them.
  const rows = averageRows(pixels, height);
  return { data: averageColumns(rows, pixels.width, width), width, height };
}

/** For each of `to` averages over `from` values: where it starts, and its weights. */
interface Averages {
  readonly starts: Int32Array;
  /** `taps` each, in parts of `ONE`. */
  readonly weights: Int32Array;
  readonly taps: number;
}

/** Whole numbers: a value of 8 bits times a weight of each pass stays below 31 bits. */
const ONE_BITS = 11;
const ONE = 1 << ONE_BITS;

function averages(from: number, to: number): Averages {
  const step = from / to;
  const taps = Math.min(from, Math.ceil(step) + 1);
  const starts = new Int32Array(to);
  const weights = new Int32Array(to * taps);
  for (let index = 0; index < to; index++) {
    // At the far edge the window is moved back inside, so that no read needs a check.
    const start = Math.min(Math.floor(index * step), from - taps);
    starts[index] = start;
    for (let tap = 0; tap < taps; tap++) {
      // Differences of the rounded running sum, so that the weights add up to ONE.
      const until = (edge: number) =>
        Math.round((ONE * Math.min(Math.max(edge - index * step, 0), step)) / step);
      weights[index * taps + tap] = until(start + tap + 1) - until(start + tap);
    }
  }
  return { starts, weights, taps };
}

/** Sums of value x weight. Tap by tap over whole rows, which is three times as fast as pixel by pixel. */
function averageRows({ data, width, height }: Pixels, to: number): Int32Array {
  const { starts, weights, taps } = averages(height, to);
  const stride = width * 3;
  const sums = new Int32Array(stride * to);
  for (let row = 0; row < to; row++) {
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[row * taps + tap] ?? 0;
      if (weight === 0) continue;
      addRow(sums, row * stride, data, ((starts[row] ?? 0) + tap) * stride, stride, weight);
    }
  }
  return sums;
}

function addRow(
  sums: Int32Array,
  to: number,
  data: Uint8Array,
  from: number,
  count: number,
  weight: number,
): void {
  for (let at = 0; at < count; at++) {
    sums[to + at] = (sums[to + at] ?? 0) + (data[from + at] ?? 0) * weight;
  }
}

function averageColumns(data: Int32Array, width: number, to: number): Uint8Array {
  const { starts, weights, taps } = averages(width, to);
  const stride = width * 3;
  const rows = data.length / stride;
  const out = new Uint8Array(rows * to * 3);
  const half = ONE << (ONE_BITS - 1);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < to; column++, at += 3) {
      let from = row * stride + (starts[column] ?? 0) * 3;
      let red = half;
      let green = half;
      let blue = half;
      for (let tap = column * taps; tap < (column + 1) * taps; tap++, from += 3) {
        const weight = weights[tap] ?? 0;
        red += (data[from] ?? 0) * weight;
        green += (data[from + 1] ?? 0) * weight;
        blue += (data[from + 2] ?? 0) * weight;
      }
      out[at] = red >> (2 * ONE_BITS);
      out[at + 1] = green >> (2 * ONE_BITS);
      out[at + 2] = blue >> (2 * ONE_BITS);
    }
  }
  return out;
}
