import type { Box, Point } from '../protocol/image.ts';

/**
 * Numbers without digits that mean nothing: pixels to a hundredth, degrees to a tenth, scores to four
 * digits. Answers stay short and readable, and far inside every stated tolerance.
 */
export function round(value: number, digits: number): number {
  const parts = 10 ** digits;
  // Adding 0 turns -0, which JSON and YAML write differently, into 0.
  return Math.round(value * parts) / parts + 0;
}

export function roundedBox([x1, y1, x2, y2]: Box): Box {
  return [round(x1, 2), round(y1, 2), round(x2, 2), round(y2, 2)];
}

export function roundedPoint([x, y]: Point): Point {
  return [round(x, 2), round(y, 2)];
}
