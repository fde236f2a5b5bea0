import { segments } from '../trees/segments.ts';
import type { Emitter, Name } from './emitter.ts';

/** Knots of one column: x ascending (repeats allowed), and y. */
export interface Knots {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Where a segment begins, its value there, and its slope. */
type Segment = readonly [number, number, number];

/** Segment j + 1 begins at knot j; segment 0 is everything below. Both ends are flat. */
function segmentsOf({ x, y }: Knots): Segment[] {
  return Array.from({ length: x.length + 1 }, (_, at): Segment => {
    const j = Math.max(at - 1, 0);
    const [x0, y0] = [x[j] ?? 0, y[j] ?? 0];
    const [run, rise] = [(x[j + 1] ?? x0) - x0, (y[j + 1] ?? y0) - y0];
    return [x0, y0, at > 0 && run > 0 ? rise / run : 0];
  });
}

/**
 * `numpy.interp` of every column of x [N, w] over knots of its own: constant beyond the ends, and at
 * repeated knots the last. NaN gives NaN.
 */
export function interpolated(e: Emitter, x: Name, columns: readonly Knots[]): Name {
  const tables = columns.map(segmentsOf);
  const starts: number[] = [];
  tables.reduce((start, table) => {
    starts.push(start);
    return start + table.length;
  }, 0);
  const reached = segments(
    e,
    x,
    columns.map((knots) => knots.x),
  );
  const at = e.add(reached, e.i64(starts, [1, columns.length]));
  const all = tables.flat();
  const look = (part: 0 | 1 | 2) =>
    e.op(
      'Gather',
      [
        e.f64(
          [all.length],
          all.map((segment) => segment[part]),
        ),
        at,
      ],
      { axis: 0 },
    );
  // Infinity minus a knot, times a slope of nothing, would be NaN.
  const first = e.row(columns.map((knots) => knots.x[0] ?? 0));
  const last = e.row(columns.map((knots) => knots.x.at(-1) ?? 0));
  const within = e.op('Max', [e.op('Min', [x, last]), first]);
  const value = e.add(e.mul(look(2), e.sub(within, look(0))), look(1));
  return e.where(e.op('IsNaN', [x]), x, value);
}
