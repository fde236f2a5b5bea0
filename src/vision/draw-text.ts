import type { Point } from '../protocol/image.ts';
import { type Area, type Colour, fillArea, strokeChains } from './canvas.ts';
import type { Pixels } from './pixels.ts';
import { CAP_HEIGHT, FULL_HEIGHT, textStrokes } from './stroke-font.ts';

const INK: Colour = [16, 18, 22];
/** Around the text, and width of its strokes, as shares of the height of capitals. */
const PADDING = 0.45;
const STROKE = 0.15;
/** Longer labels are cut: no picture has room for them. */
const MOST_CHARACTERS = 120;

/** Size of the label that `drawLabel` draws, at most as wide as the picture. */
export function labelSize(text: string, capHeight: number, pixels: Pixels): Area {
  const { width, cap } = measure(text, capHeight, pixels);
  const height = Math.ceil(((FULL_HEIGHT / CAP_HEIGHT) * 1 + 2 * PADDING) * cap);
  return { x: 0, y: 0, width: Math.ceil(width), height };
}

/**
 * Dark text on a patch of the given (light) colour, moved as far as needed to lie inside the picture
 * and shrunk when the picture is narrower than the text. Writes into `pixels`.
 * @param corner top left of the patch, in pixels
 * @param capHeight height of capital letters, in pixels
 */
export function drawLabel(
  pixels: Pixels,
  text: string,
  [x, y]: Point,
  capHeight: number,
  colour: Colour,
): void {
  const size = labelSize(text, capHeight, pixels);
  const left = Math.round(within(x, pixels.width - size.width));
  const top = Math.round(within(y, pixels.height - size.height));
  fillArea(pixels, { ...size, x: left, y: top }, colour);
  const { strokes, cap } = measure(text, capHeight, pixels);
  const unit = cap / CAP_HEIGHT;
  const inset = PADDING * cap;
  const placed = strokes.map((chain) =>
    chain.map(([u, v]): Point => [left + inset + u * unit, top + inset + v * unit]),
  );
  strokeChains(pixels, placed, Math.max(1.1, STROKE * cap), INK);
}

function measure(text: string, capHeight: number, pixels: Pixels) {
  const { strokes, width } = textStrokes(text.slice(0, MOST_CHARACTERS));
  const full = width * (capHeight / CAP_HEIGHT) + 2 * PADDING * capHeight;
  const cap = capHeight * Math.min(1, pixels.width / full);
  return { strokes, cap, width: Math.min(full, pixels.width) };
}

function within(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
