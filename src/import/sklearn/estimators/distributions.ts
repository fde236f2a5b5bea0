import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import { interpolated } from '../graph/interpolate.ts';
import { normalQuantile } from '../graph/normal-quantile.ts';
import type { Dense } from '../graph/values.ts';
import { standardScaler } from './scalers.ts';

/** `BOUNDS_THRESHOLD` of `sklearn/preprocessing/_data.py`, and its quantile, where results are cut. */
const bounds = 1e-7;
const lowest = -5.199337582605575;
const highest = 5.19933758270342;

/** The mean of the interpolation from below and from above, which differ at repeated quantiles. */
export const quantileTransformer: Compiler = {
  missing: 'passes',
  transform(c, model, x): Dense {
    const { e } = c;
    const quantiles = model.matrix('quantiles_', undefined, x.width);
    const references = model.vector('references_', quantiles.rows);
    const columns = Array.from({ length: x.width }, (_, j) =>
      Float64Array.from({ length: quantiles.rows }, (_, i) => quantiles.data[i * x.width + j] ?? 0),
    );
    const up = interpolated(
      e,
      x.name,
      columns.map((q) => ({ x: q, y: references })),
    );
    const turned = columns.map((q) => ({ x: negated(q), y: negated(references) }));
    const down = interpolated(e, e.neg(x.name), turned);
    const middle = e.mul(e.scalar(0.5), e.sub(up, down));
    const normal = model.text('output_distribution', 'uniform') === 'normal';
    const p = withEnds(c, x.name, middle, columns, normal);
    if (!normal) return { kind: 'dense', name: p, width: x.width };
    const inside = e.op('Min', [e.op('Max', [p, e.scalar(1e-8)]), e.scalar(1 - 1e-8)]);
    const quantile = normalQuantile(e, inside);
    const cut = e.op('Min', [e.op('Max', [quantile, e.scalar(lowest)]), e.scalar(highest)]);
    return { kind: 'dense', name: e.where(e.op('IsNaN', [x.name]), x.name, cut), width: x.width };
  },
};

function negated(values: Float64Array): Float64Array {
  return values.map((v) => -v).reverse();
}

/** What is at an end of the training range is exactly 0 or 1; the lower end is applied last. */
function withEnds(
  { e }: Compilation,
  x: Name,
  p: Name,
  columns: readonly Float64Array[],
  normal: boolean,
): Name {
  const low = e.row(columns.map((q) => q[0] ?? 0));
  const high = e.row(columns.map((q) => q.at(-1) ?? 0));
  const isLow = normal ? e.op('Less', [e.sub(x, e.scalar(bounds)), low]) : e.op('Equal', [x, low]);
  const isHigh = normal
    ? e.op('Greater', [e.add(x, e.scalar(bounds)), high])
    : e.op('Equal', [x, high]);
  return e.where(isLow, e.scalar(0), e.where(isHigh, e.scalar(1), p));
}

/** (base^λ - 1) / λ, and the logarithm where λ is 0. */
function powers({ e }: Compilation, base: Name, lambdas: Float64Array): Name {
  const zero = Array.from(lambdas, (l) => Math.abs(l) < Number.EPSILON);
  const safe = lambdas.map((l, i) => (zero[i] ? 1 : l));
  const power = e.div(e.sub(e.op('Pow', [base, e.row(lambdas)]), e.scalar(1)), e.row(safe));
  return zero.includes(true)
    ? e.where(e.bools([1, zero.length], zero), e.op('Log', [base]), power)
    : power;
}

/** Yeo-Johnson and Box-Cox (`scipy/stats/_morestats.py`). */
export const powerTransformer: Compiler = {
  missing: 'passes',
  transform(c, model, x): Dense {
    const { e } = c;
    const lambdas = model.vector('lambdas_', x.width);
    const boxCox = model.text('method', 'yeo-johnson') === 'box-cox';
    const name = boxCox ? powers(c, x.name, lambdas) : yeoJohnson(c, x.name, lambdas);
    const plain: Dense = {
      kind: 'dense',
      name: e.where(e.op('IsNaN', [x.name]), x.name, name),
      width: x.width,
    };
    if (!model.flag('standardize', true)) return plain;
    const scaler = model.child('_scaler');
    return scaled(c, scaler, plain);
  },
};

function yeoJohnson(c: Compilation, x: Name, lambdas: Float64Array): Name {
  const { e } = c;
  // Either branch sees 1 + |x|, so that neither makes a NaN that the other must hide.
  const base = e.add(e.op('Abs', [x]), e.scalar(1));
  const negative = e.neg(
    powers(
      c,
      base,
      lambdas.map((l) => 2 - l),
    ),
  );
  return e.where(e.op('GreaterOrEqual', [x, e.scalar(0)]), powers(c, base, lambdas), negative);
}

function scaled(c: Compilation, scaler: Fitted, x: Dense): Dense {
  const found = standardScaler.transform?.(c, scaler, x, x);
  return found?.kind === 'dense' ? found : x;
}
