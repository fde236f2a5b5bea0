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

/** Whole numbers: a value of 8 bits times both weights stays within 31 bits. */
const ONE = 2048;
/** Bits that are dropped after the first pass and after the second, so that 8 are left. */
const FIRST_SHIFT = 6;
const SECOND_SHIFT = 16;

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

/** Values keep the bits below the point that `SECOND_SHIFT` takes away. */
function averageRows({ data, width, height }: Pixels, to: number): Uint16Array {
  const { starts, weights, taps } = averages(height, to);
  const stride = width * 3;
  const out = new Uint16Array(stride * to);
  const sums = new Int32Array(stride);
  for (let row = 0; row < to; row++) {
    sums.fill(0);
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[row * taps + tap] ?? 0;
      if (weight === 0) continue;
      const from = ((starts[row] ?? 0) + tap) * stride;
      for (let at = 0; at < stride; at++) {
        sums[at] = (sums[at] ?? 0) + (data[from + at] ?? 0) * weight;
      }
    }
    for (let at = 0; at < stride; at++) out[row * stride + at] = (sums[at] ?? 0) >> FIRST_SHIFT;
  }
  return out;
}

function averageColumns(data: Uint16Array, width: number, to: number): Uint8Array {
  const { starts, weights, taps } = averages(width, to);
  const stride = width * 3;
  const rows = data.length / stride;
  const out = new Uint8Array(rows * to * 3);
  const half = 1 << (SECOND_SHIFT - 1);
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
      out[at] = red >> SECOND_SHIFT;
      out[at + 1] = green >> SECOND_SHIFT;
      out[at + 2] = blue >> SECOND_SHIFT;
    }
  }
  return out;
}
