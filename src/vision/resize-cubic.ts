import type { Pixels } from './pixels.ts';

/** Weights are whole numbers, in parts of this: as Pillow computes it for bytes, and so bit for bit the same. */
const ONE_BITS = 22;
const ONE = 2 ** ONE_BITS;
const HALF = 2 ** (ONE_BITS - 1);
/** Of the cubic, and how far it reaches from its middle, in source pixels or, when it gets smaller, in target pixels. */
const A = -0.5;
const SUPPORT = 2;

/** For each target index: where its source values start, how many there are, and their weights. */
interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `most` each. */
  readonly weights: Int32Array;
  readonly most: number;
}

/**
 * The picture at `width` x `height` by a cubic that widens as the picture gets smaller, so that no detail turns into
 * false patterns. The values are those of Pillow's `resize` with `BICUBIC`, with which CLIP was trained and is run; the
 * codec's own kernel is up to 7 of 255 away where it reduces, and 31 where it enlarges (test/fixtures/embeddings).
 */
export function resizeCubic(pixels: Pixels, width: number, height: number): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels;
  const narrow =
    width === pixels.width ? pixels : resizeRows(pixels, width, tapsOf(pixels.width, width));
  return height === narrow.height
    ? narrow
    : resizeColumns(narrow, height, tapsOf(narrow.height, height));
}

function tapsOf(from: number, to: number): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = SUPPORT * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const taps = {
    starts: new Int32Array(to),
    counts: new Int32Array(to),
    weights: new Int32Array(to * most),
    most,
  };
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const count = Math.min(Math.trunc(centre + reach + 0.5), from) - start;
    const shares = Array.from({ length: count }, (_, tap) =>
      cubic((start + tap - centre + 0.5) / stretch),
    );
    const sum = shares.reduce((total, share) => total + share, 0);
    taps.starts[index] = start;
    taps.counts[index] = count;
    for (const [tap, share] of shares.entries())
      taps.weights[index * most + tap] = roundAway((share / sum) * ONE);
  }
  return taps;
}

/** Keys, "Cubic convolution interpolation for digital image processing", 1981. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  return x < SUPPORT ? (((x - 5) * x + 8) * x - 4) * A : 0;
}

function roundAway(value: number): number {
  return Math.trunc(value + (value < 0 ? -0.5 : 0.5));
}

function resizeRows({ data, width: from, height }: Pixels, width: number, taps: Taps): Pixels {
  const { starts, counts, weights, most } = taps;
  const out = new Uint8Array(width * height * 3);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += 3) {
      let at = (row * from + (starts[column] ?? 0)) * 3;
      let [red, green, blue] = [HALF, HALF, HALF];
      const first = column * most;
      const last = first + (counts[column] ?? 0);
      for (let tap = first; tap < last; tap++, at += 3) {
        const weight = weights[tap] ?? 0;
        red = (red + Math.imul(data[at] ?? 0, weight)) | 0;
        green = (green + Math.imul(data[at + 1] ?? 0, weight)) | 0;
        blue = (blue + Math.imul(data[at + 2] ?? 0, weight)) | 0;
      }
      out[to] = byteOf(red);
      out[to + 1] = byteOf(green);
      out[to + 2] = byteOf(blue);
    }
  }
  return { data: out, width, height };
}

/** Tap by tap over whole rows: neighbours in memory are read together. */
function resizeColumns({ data, width }: Pixels, height: number, taps: Taps): Pixels {
  const { starts, counts, weights, most } = taps;
  const stride = width * 3;
  const out = new Uint8Array(stride * height);
  const sums = new Int32Array(stride);
  for (let row = 0; row < height; row++) {
    sums.fill(HALF);
    for (let tap = 0; tap < (counts[row] ?? 0); tap++) {
      const weight = weights[row * most + tap] ?? 0;
      const from = ((starts[row] ?? 0) + tap) * stride;
      for (let at = 0; at < stride; at++)
        sums[at] = (sums[at] ?? 0) + Math.imul(data[from + at] ?? 0, weight);
    }
    const to = row * stride;
    for (let at = 0; at < stride; at++) out[to + at] = byteOf(sums[at] ?? 0);
  }
  return { data: out, width, height };
}

/** A sum of byte times weight stays inside 32 bits: the weights' sizes add up to less than 2 ONE. */
function byteOf(sum: number): number {
  const value = sum >> ONE_BITS;
  return value < 0 ? 0 : Math.min(value, 255);
}
