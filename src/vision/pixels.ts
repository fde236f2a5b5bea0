import type { Box } from '../protocol/image.ts';

/**
 * A decoded picture: 8-bit sRGB, interleaved R G B, rows from the top, `width * height * 3` bytes.
 * Upright: the EXIF orientation is already applied.
 */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A copy of the whole pixels that the box touches; at least one pixel, even for a box outside. */
export function crop(pixels: Pixels, [x1, y1, x2, y2]: Box): Pixels {
  const left = between(Math.floor(x1), 0, pixels.width - 1);
  const top = between(Math.floor(y1), 0, pixels.height - 1);
  const width = between(Math.ceil(x2), left + 1, pixels.width) - left;
  const height = between(Math.ceil(y2), top + 1, pixels.height) - top;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * pixels.width + left) * 3;
    data.set(pixels.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { data, width, height };
}

/** A copy with left and right exchanged. */
export function mirrored({ data, width, height }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * 3;
      const to = (row * width + (width - 1 - column)) * 3;
      out[to] = data[from] ?? 0;
      out[to + 1] = data[from + 1] ?? 0;
      out[to + 2] = data[from + 2] ?? 0;
    }
  }
  return { data: out, width, height };
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
