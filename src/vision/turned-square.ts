import type { Point } from '../protocol/image.ts';
import { resize } from './letterbox.ts';
import { crop, type Pixels } from './pixels.ts';

/** A square somewhere in a picture, in continuous pixels: pixel i covers [i, i + 1). */
export interface TurnedSquare {
  readonly centre: Point;
  /** Length of a side, in pixels of the picture. */
  readonly side: number;
  /** How far the square is turned clockwise from upright, in radians. */
  readonly angle: number;
}

/** Beyond this many source pixels per sample, bilinear reading would skip some of them. */
const MOST_STEP = 1.25;

/**
 * The square as an upright picture of `size` x `size`. Reading is bilinear; a square that is larger
 * is reduced by area first. What lies outside of the picture is its nearest edge.
 */
export async function readSquare(
  pixels: Pixels,
  square: TurnedSquare,
  size: number,
): Promise<Pixels> {
  const step = square.side / size;
  const { picture, left, top, scaleX, scaleY } = await around(
    pixels,
    square,
    step > MOST_STEP ? 1 / step : 1,
  );
  const [x, y] = squareToSource(square, size, [0.5, 0.5]);
  const right = { x: Math.cos(square.angle) * step, y: Math.sin(square.angle) * step };
  // From the middle of one pixel to the middle of its neighbours, in whole-number pixels of `picture`.
  return readBilinear(picture, size, {
    x: (x - left) * scaleX - 0.5,
    y: (y - top) * scaleY - 0.5,
    columnX: right.x * scaleX,
    columnY: right.y * scaleY,
    rowX: -right.y * scaleX,
    rowY: right.x * scaleY,
  });
}

/** A point of the picture that `readSquare` made of the square, in pixels of the source. */
export function squareToSource(
  { centre, side, angle }: TurnedSquare,
  size: number,
  [x, y]: Point,
): Point {
  const u = (x / size - 0.5) * side;
  const v = (y / size - 0.5) * side;
  return [
    centre[0] + Math.cos(angle) * u - Math.sin(angle) * v,
    centre[1] + Math.sin(angle) * u + Math.cos(angle) * v,
  ];
}

/** The upright part of the picture that holds the square, reduced by about `scale`. */
async function around(
  pixels: Pixels,
  { centre: [x, y], side, angle }: TurnedSquare,
  scale: number,
) {
  // One pixel more, for reading between the outermost pixels and their neighbours.
  const reach = (side / 2) * (Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle))) + 1;
  const left = Math.min(Math.max(Math.floor(x - reach), 0), pixels.width - 1);
  const top = Math.min(Math.max(Math.floor(y - reach), 0), pixels.height - 1);
  if (scale === 1) return { picture: pixels, left: 0, top: 0, scaleX: 1, scaleY: 1 };
  const part = crop(pixels, [left, top, x + reach, y + reach]);
  const width = Math.max(1, Math.round(part.width * scale));
  const height = Math.max(1, Math.round(part.height * scale));
  return {
    picture: await resize(part, width, height),
    left,
    top,
    scaleX: width / part.width,
    scaleY: height / part.height,
  };
}

/** Where the first sample lies, and the way to the next column and to the next row. */
interface Grid {
  readonly x: number;
  readonly y: number;
  readonly columnX: number;
  readonly columnY: number;
  readonly rowX: number;
  readonly rowY: number;
}

// One loop on local numbers: 50,000 samples take about a millisecond.
function readBilinear({ data, width, height }: Pixels, size: number, grid: Grid): Pixels {
  const out = new Uint8Array(size * size * 3);
  const [mostX, mostY, stride] = [width - 1, height - 1, width * 3];
  for (let row = 0, at = 0; row < size; row++) {
    let x = grid.x + row * grid.rowX;
    let y = grid.y + row * grid.rowY;
    for (let column = 0; column < size; column++, at += 3) {
      const u = x < 0 ? 0 : x > mostX ? mostX : x;
      const v = y < 0 ? 0 : y > mostY ? mostY : y;
      const left = u | 0;
      const top = v | 0;
      const right = u - left;
      const bottom = v - top;
      const a = top * stride + left * 3;
      const b = left < mostX ? a + 3 : a;
      const c = top < mostY ? a + stride : a;
      const d = b + c - a;
      const weightD = right * bottom;
      const weightB = right - weightD;
      const weightC = bottom - weightD;
      const weightA = 1 - right - weightC;
      for (let channel = 0; channel < 3; channel++) {
        out[at + channel] =
          (data[a + channel] ?? 0) * weightA +
          (data[b + channel] ?? 0) * weightB +
          (data[c + channel] ?? 0) * weightC +
          (data[d + channel] ?? 0) * weightD +
          0.5;
      }
      x += grid.columnX;
      y += grid.columnY;
    }
  }
  return { data: out, width: size, height: size };
}
