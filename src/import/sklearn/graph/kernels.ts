import type { Fitted } from '../fitted/fitted.ts';
import type { Emitter, Name } from './emitter.ts';
import type { Dense } from './values.ts';

export interface Points {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Points by columns: [columns, rows]. */
function turned(p: Points, factor = 1): Float64Array {
  const out = new Float64Array(p.data.length);
  for (let i = 0; i < p.rows; i += 1)
    for (let j = 0; j < p.columns; j += 1)
      out[j * p.rows + i] = factor * (p.data[i * p.columns + j] ?? 0);
  return out;
}

function squaredNorms(p: Points): Float64Array {
  return Float64Array.from({ length: p.rows }, (_, i) =>
    p.data.subarray(i * p.columns, (i + 1) * p.columns).reduce((sum, v) => sum + v * v, 0),
  );
}

/** factor · x · pᵀ [N, rows]. */
function dots(e: Emitter, x: Dense, p: Points, factor = 1): Name {
  return e.matmul(x.name, e.f64([p.columns, p.rows], turned(p, factor)));
}

/** ‖x - p‖² = ‖x‖² - 2 x·p + ‖p‖² [N, rows]: one product instead of rows · features differences. */
export function squaredDistances(e: Emitter, x: Dense, p: Points): Name {
  const cross = e.matmul(x.name, e.f64([p.columns, p.rows], turned(p, -2)));
  const sum = e.add(e.add(cross, e.row(squaredNorms(p))), e.sumSquares(x.name));
  return e.op('Max', [sum, e.scalar(0)]);
}

export interface KernelOptions {
  readonly kernel: string;
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

/** The kernels of `sklearn/metrics/pairwise.py` and libsvm, between rows and fixed points. */
export function kernel(e: Emitter, x: Dense, p: Points, o: KernelOptions, model: Fitted): Name {
  const scaled = () => e.add(dots(e, x, p, o.gamma), e.scalar(o.coef0));
  switch (o.kernel) {
    case 'linear':
      return dots(e, x, p);
    case 'rbf':
      return e.op('Exp', [e.mul(squaredDistances(e, x, p), e.scalar(-o.gamma))]);
    case 'poly':
    case 'polynomial':
      return e.op('Pow', [scaled(), e.scalar(o.degree)]);
    case 'sigmoid':
      return e.op('Tanh', [scaled()]);
    case 'cosine':
      return cosine(e, x, p);
    default:
      throw model.refusal(
        `the kernel ${o.kernel} cannot be reproduced`,
        'use rbf, linear, poly or sigmoid',
      );
  }
}

function cosine(e: Emitter, x: Dense, p: Points): Name {
  const norms = squaredNorms(p).map((v) => (v === 0 ? 1 : Math.sqrt(v)));
  const length = e.op('ReduceL2', [x.name, e.i64([1])], { keepdims: 1 });
  const safe = e.where(e.op('Equal', [length, e.scalar(0)]), e.scalar(1), length);
  return e.div(e.div(dots(e, x, p), e.row(norms)), safe);
}
