import type { Point } from '../protocol/image.ts';
import type { Pixels } from './pixels.ts';

/** Red, green, blue, 0 to 255 each. */
export type Colour = readonly [number, number, number];

/** A rectangle of whole pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Fills the part of the rectangle that lies in the picture. Writes into `pixels`. */
export function fillArea(pixels: Pixels, area: Area, colour: Colour): void {
  const { x, y, width, height } = inside(pixels, area);
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) {
      blend(pixels.data, (row * pixels.width + column) * 3, colour, 1);
    }
  }
}

/**
 * Strokes chains of points with round ends and joints, anti-aliased. All chains are one shape, so
 * crossings are not painted twice. Two equal points are a dot. Writes into `pixels`.
 */
export function strokeChains(
  pixels: Pixels,
  chains: readonly (readonly Point[])[],
  lineWidth: number,
  colour: Colour,
): void {
  const area = inside(pixels, bounds(chains.flat(), lineWidth / 2 + 1));
  if (area.width <= 0 || area.height <= 0) return;
  const coverage = new Float32Array(area.width * area.height);
  for (const chain of chains) {
    for (const [index, to] of chain.entries()) {
      const from = chain[index - 1];
      if (from !== undefined) coverSegment(coverage, area, from, to, lineWidth / 2);
    }
  }
  paint(pixels, area, coverage, colour);
}

/** Raises the coverage of the pixels near the segment: 1 inside, falling to 0 over one pixel. */
function coverSegment(
  coverage: Float32Array,
  area: Area,
  from: Point,
  to: Point,
  radius: number,
): void {
  const near = intersect(area, bounds([from, to], radius + 1));
  for (let y = near.y; y < near.y + near.height; y++) {
    for (let x = near.x; x < near.x + near.width; x++) {
      const value = radius + 0.5 - distance(x + 0.5, y + 0.5, from, to);
      const at = (y - area.y) * area.width + (x - area.x);
      if (value > (coverage[at] ?? 0)) coverage[at] = Math.min(1, value);
    }
  }
}

function distance(x: number, y: number, from: Point, to: Point): number {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((x - from[0]) * dx + (y - from[1]) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - from[0] - t * dx, y - from[1] - t * dy);
}

function paint(pixels: Pixels, area: Area, coverage: Float32Array, colour: Colour): void {
  for (let row = 0; row < area.height; row++) {
    for (let column = 0; column < area.width; column++) {
      const share = coverage[row * area.width + column] ?? 0;
      if (share === 0) continue;
      blend(pixels.data, ((area.y + row) * pixels.width + area.x + column) * 3, colour, share);
    }
  }
}

function blend(data: Uint8Array, at: number, colour: Colour, share: number): void {
  for (const [channel, value] of colour.entries()) {
    const under = data[at + channel] ?? 0;
    data[at + channel] = Math.round(under + (value - under) * share);
  }
}

function bounds(points: readonly Point[], margin: number): Area {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const x = Math.floor(Math.min(...xs) - margin);
  const y = Math.floor(Math.min(...ys) - margin);
  return {
    x,
    y,
    width: Math.ceil(Math.max(...xs) + margin) - x,
    height: Math.ceil(Math.max(...ys) + margin) - y,
  };
}

function inside(pixels: Pixels, area: Area): Area {
  return intersect(area, { x: 0, y: 0, width: pixels.width, height: pixels.height });
}

function intersect(a: Area, b: Area): Area {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y),
  };
}
