import type { Compilation } from '../compilation.ts';
import { dataTypes } from '../../../onnx/model.ts';
import type { Emitter, Name } from '../graph/emitter.ts';

export type Pair = readonly [number, number];

/** (0,1), (0,2)… (k-2,k-1): the order of one-versus-one. */
export function pairsOf(k: number): Pair[] {
  return Array.from({ length: k }, (_, i) =>
    Array.from({ length: k - i - 1 }, (_, d): Pair => [i, i + d + 1]),
  ).flat();
}

/** The number of pairs each class wins [N, k]; `forSecond` [N, pairs] is 1 where the second one does. */
export function votes(
  { e }: Compilation,
  forSecond: Name,
  pairs: readonly Pair[],
  k: number,
): Name {
  // A first win is 1 - forSecond, so the ones go into a constant row.
  const change = new Float64Array(pairs.length * k);
  const base = new Float64Array(k);
  pairs.forEach(([i, j], row) => {
    change[row * k + i] = -1;
    change[row * k + j] = 1;
    base[i] = (base[i] ?? 0) + 1;
  });
  return e.add(e.matmul(forSecond, e.f64([pairs.length, k], change)), e.row(base));
}

/**
 * Class probabilities [N, k] of pairwise ones r [N, pairs]: libsvm's `multiclass_probability`, the
 * second method of Wu, Lin and Weng (2004). It stops before it has converged, at an error under
 * 0.005 / k, so its very steps are made.
 */
export function coupled(c: Compilation, r: Name, k: number): Name {
  return k === 2 ? coupledPair(c, r) : coupledMany(c, r, k);
}

/**
 * Two classes: Q = v vᵀ with v = (1 - r, -r), so one number s = v·p tells everything (p₀ = s + r), and
 * half a step is s ← s² v / (v² + s² - v s). From p₀ = ½ at most three steps are taken for any r.
 */
function coupledPair({ e }: Compilation, r: Name): Name {
  const [v0, v1] = [e.sub(e.scalar(1), r), e.neg(r)];
  const [squared0, squared1] = [e.mul(v0, v0), e.mul(v1, v1)];
  const half = (s: Name, v: Name, vSquared: Name): Name => {
    const sSquared = e.mul(s, s);
    return e.div(e.mul(sSquared, v), e.sub(e.add(vSquared, sSquared), e.mul(v, s)));
  };
  const away = (v: Name, s: Name) => e.op('Abs', [e.sub(v, s)]);
  let s = e.sub(e.scalar(0.5), r);
  for (let step = 0; step < 3; step += 1) {
    // The largest |Q p - pᵀQ p| of both classes.
    const error = e.mul(e.op('Abs', [s]), e.op('Max', [away(v0, s), away(v1, s)]));
    const done = e.op('Less', [error, e.scalar(0.0025)]);
    s = e.where(done, s, half(half(s, v0, squared0), v1, squared1));
  }
  const p = e.add(s, r);
  return e.concat([p, e.sub(e.scalar(1), p)]);
}

/**
 * More classes: Gauss-Seidel sweeps in a `Loop` over one state row z = [w, u, σ, s]: Q·u, the
 * unnormalised p, Σu and uᵀQu. Coordinate t changes by δ = (s/σ - w_t) / Q_tt: w by δ·Q_t, u_t and σ
 * by δ, and s by δ·(w_t + s/σ). libsvm divides by 1 + δ each time; the quotients are the same.
 */
function coupledMany(c: Compilation, r: Name, k: number): Name {
  const { e } = c;
  const q = quadraticForm(c, r, k);
  const steps = Array.from({ length: k }, (_, t) => stepConstants(c, q, t, k));
  const named = (
    base: string,
    type: 'float64' | 'bool' | 'int64',
    shape: readonly (string | number)[],
  ) => ({
    name: e.builder.uniqueName(base),
    dataType: dataTypes[type],
    shape,
  });
  const state = named('z', 'float64', ['N', 2 * k + 2]);
  const going = named('go', 'bool', []);
  const body = e.builder.body('sweep', [named('i', 'int64', []), going, state], () => {
    const sigma = e.column(state.name, 2 * k);
    const lambda = e.div(e.column(state.name, 2 * k + 1), sigma);
    const w = e.slice(state.name, 0, k);
    const error = e.div(e.max(e.op('Abs', [e.sub(w, lambda)])), sigma);
    const open = e.op('GreaterOrEqual', [error, e.scalar(0.005 / k)]);
    const swept = steps.reduce((z, step, t) => moved(c, z, step, t, k), state.name);
    const any = e.op('ReduceMax', [e.cast(open, 'int32')], { keepdims: 0 });
    return [
      { ...going, name: e.cast(any, 'bool') },
      { ...state, name: e.where(open, swept, state.name) },
    ];
  });
  const most = e.i64([Math.max(100, k)], []);
  const start = startState(c, q, k);
  const last = e.op('Loop', [most, e.bools([], [true]), start], { body: { graph: body } });
  return e.div(e.slice(last, k, 2 * k), e.column(last, 2 * k));
}

interface Step {
  readonly inverse: Name;
  /** The change of [w, u, σ] per unit of δ. */
  readonly direction: Name;
}

function moved({ e }: Compilation, z: Name, step: Step, t: number, k: number): Name {
  const wt = e.column(z, t);
  const lambda = e.div(e.column(z, 2 * k + 1), e.column(z, 2 * k));
  const delta = e.mul(e.sub(lambda, wt), step.inverse);
  return e.add(z, e.mul(delta, e.concat([step.direction, e.add(wt, lambda)])));
}

/** Q [N, k·k] by rows: Σ r_jt² on the diagonal, -r_jt·r_tj beside it; linear in the products of r. */
function quadraticForm({ e }: Compilation, r: Name, k: number): Name {
  const pairs = pairsOf(k);
  const other = e.sub(e.scalar(1), r);
  const terms = e.concat([e.mul(r, r), e.mul(other, other), e.mul(r, other)]);
  const n = pairs.length;
  const map = new Float64Array(3 * n * k * k);
  const put = (term: number, row: number, column: number, value: number) => {
    map[term * k * k + row * k + column] = value;
  };
  pairs.forEach(([i, j], at) => {
    put(at, j, j, 1);
    put(n + at, i, i, 1);
    put(2 * n + at, i, j, -1);
    put(2 * n + at, j, i, -1);
  });
  return e.matmul(terms, e.f64([3 * n, k * k], map));
}

function stepConstants({ e }: Compilation, q: Name, t: number, k: number): Step {
  const row = e.slice(q, t * k, (t + 1) * k);
  const unit = [...Array.from({ length: k }, (_, i) => Number(i === t)), 1];
  return {
    inverse: e.op('Reciprocal', [e.column(row, t)]),
    direction: e.concat([row, perRow(e, q, unit)]),
  };
}

/** A constant row for as many rows as `like` has. */
function perRow(e: Emitter, like: Name, values: readonly number[]): Name {
  return e.add(e.mul(e.column(like, 0), e.scalar(0)), e.row(values));
}

/** u = 1/k each: w = Q·u and s = uᵀQu as one product. */
function startState({ e }: Compilation, q: Name, k: number): Name {
  const average = new Float64Array(k * k * k);
  const quadratic = new Float64Array(k * k).fill(1 / (k * k));
  for (let i = 0; i < k; i += 1)
    for (let j = 0; j < k; j += 1) average[(i * k + j) * k + i] = 1 / k;
  const w = e.matmul(q, e.f64([k * k, k], average));
  const s = e.matmul(q, e.f64([k * k, 1], quadratic));
  return e.concat([w, perRow(e, q, [...Array.from({ length: k }, () => 1 / k), 1]), s]);
}
