import type { Emitter } from './emitter.ts';
import type { Dense, Sparse } from './values.ts';

/** Sparse rows as a matrix: values are scattered into zeros, one column wider for the padding. */
export function densify(e: Emitter, x: Sparse): Dense {
  const rows = e.op('Shape', [x.ids], { start: 0, end: 1 });
  const shape = e.concat([rows, e.i64([x.width + 1])], 0);
  const zeros = e.op('Expand', [e.scalar(0), shape]);
  const filled = e.op('ScatterElements', [zeros, x.ids, x.values], { axis: 1 });
  const name = e.op('Slice', [filled, e.i64([0]), e.i64([x.width]), e.i64([1])]);
  return { kind: 'dense', name, width: x.width };
}

/** X · W for W [width, k] given column by column; sparse rows gather only the weights they need. */
export function project(e: Emitter, x: Dense | Sparse, weights: Float64Array, k: number): string {
  if (x.kind === 'dense') return e.matmul(x.name, e.f64([x.width, k], weights));
  const padded = new Float64Array((x.width + 1) * k);
  padded.set(weights);
  const table = e.f64([x.width + 1, k], padded);
  const picked = e.op('Gather', [table, x.ids], { axis: 0 });
  return e.sum(e.mul(picked, e.unsqueeze(x.values, 2)), 1, false);
}
