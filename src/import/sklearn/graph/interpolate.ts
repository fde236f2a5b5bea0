import type { Emitter, Name } from './emitter.ts';

/** Knots of one column: x ascending (repeats allowed), and y. */
export interface Knots {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * `numpy.interp` of every column of x [N, w] over knots of its own: constant beyond the ends, and at
 * repeated knots the last. NaN gives NaN.
 */
export function interpolated(e: Emitter, x: Name, columns: readonly Knots[]): Name {
  const most = Math.max(...columns.map((knots) => knots.x.length));
  const w = columns.length;
  const grid = new Float64Array(w * most).fill(Infinity);
  // Segment j + 1 begins at knot j; segment 0 is everything below.
  const tables = [0, 1, 2].map(() => new Float64Array(w * (most + 1)));
  columns.forEach(({ x: xs, y: ys }, column) => {
    grid.set(xs, column * most);
    const last = xs.length - 1;
    for (let segment = 0; segment <= most; segment += 1) {
      const j = Math.min(segment - 1, last);
      const inside = j >= 0 && j < last && (xs[j + 1] ?? 0) > (xs[j] ?? 0);
      const rise = (ys[j + 1] ?? 0) - (ys[j] ?? 0);
      const slope = inside ? rise / ((xs[j + 1] ?? 0) - (xs[j] ?? 0)) : 0;
      const values = [xs[Math.max(j, 0)] ?? 0, ys[Math.max(j, 0)] ?? 0, slope];
      values.forEach((value, i) =>
        tables[i]?.fill(value, column * (most + 1) + segment, column * (most + 1) + segment + 1),
      );
    }
  });
  const first = columns.map((knots) => knots.x[0] ?? 0);
  const end = columns.map((knots) => knots.x.at(-1) ?? 0);
  const within = e.op('Max', [e.op('Min', [x, e.row(end)]), e.row(first)]);
  // Counted on x itself: what lies below the first knot is in no segment.
  const reached = e.op('GreaterOrEqual', [e.unsqueeze(x, 2), e.f64([1, w, most], grid)]);
  const segment = e.sum(e.cast(reached, 'int64'), 2, false);
  const offsets = Array.from({ length: w }, (_, column) => column * (most + 1));
  const at = e.add(segment, e.i64(offsets, [1, w]));
  const [x0 = '', y0 = '', slope = ''] = tables.map((table) =>
    e.op('Gather', [e.f64([table.length], table), at], { axis: 0 }),
  );
  const value = e.add(e.mul(slope, e.sub(within, x0)), y0);
  return e.where(e.op('IsNaN', [x]), x, value);
}
