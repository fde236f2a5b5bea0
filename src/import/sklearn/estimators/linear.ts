import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import { project } from '../graph/densify.ts';
import type { Dense, Regressor, Value } from '../graph/values.ts';

/** X · coef_ᵀ + intercept_ [N, width] (`sklearn/linear_model/_base.py`); sparse rows stay sparse. */
export function decision(c: Compilation, estimator: Fitted, x: Dense, raw: Value) {
  const input = raw.kind === 'sparse' ? raw : x;
  const coefficients = estimator.matrix('coef_');
  if (coefficients.columns !== input.width)
    throw estimator.refusal(
      `coef_ has ${coefficients.columns} columns and its input has ${input.width}`,
    );
  const width = coefficients.rows;
  const product = project(c.e, input, transposed(coefficients), width);
  return { name: c.e.add(product, c.e.row(intercepts(estimator, width))), width };
}

function intercepts(estimator: Fitted, width: number): Float64Array {
  const found = estimator.vector('intercept_');
  if (found.length === width) return found;
  if (found.length === 1) return new Float64Array(width).fill(found[0] ?? 0);
  throw estimator.refusal(`intercept_ has ${found.length} values for ${width} outputs`);
}

/** A matrix by columns: [columns, rows] in row-major order. */
export function transposed(m: { rows: number; columns: number; data: Float64Array }): Float64Array {
  const out = new Float64Array(m.data.length);
  for (let i = 0; i < m.rows; i += 1)
    for (let j = 0; j < m.columns; j += 1) out[j * m.rows + i] = m.data[i * m.columns + j] ?? 0;
  return out;
}

export const linearRegressor: Compiler = {
  readsSparse: true,
  predict: (c, estimator, x, raw) => regressor(decision(c, estimator, x, raw)),
};

function regressor(found: { name: Name; width: number }): Regressor {
  return { kind: 'regressor', ...found };
}

/** Generalised linear models: the inverse of the link (`sklearn/linear_model/_glm/glm.py`). */
export const logLinkRegressor: Compiler = {
  readsSparse: true,
  predict(c, estimator, x, raw) {
    const { name, width } = decision(c, estimator, x, raw);
    return regressor({ name: c.e.op('Exp', [name]), width });
  },
};

/** The link 'auto' is the identity for power ≤ 0, the logarithm for a positive one. */
export const tweedieRegressor: Compiler = {
  readsSparse: true,
  predict(c, estimator, x, raw) {
    const link = estimator.text('link', 'auto');
    const identity = link === 'identity' || (link === 'auto' && estimator.number('power', 0) <= 0);
    return (
      (identity ? linearRegressor : logLinkRegressor).predict?.(c, estimator, x, raw) ?? never()
    );
  },
};

/** `sklearn/linear_model/_ransac.py`: the last model that was fitted on the inliers. */
export const ransacRegressor: Compiler = {
  readsAny: true,
  predict: (c, estimator, _x, raw) => c.predict(estimator.child('estimator_'), raw),
};

function never(): never {
  throw new TypeError('A linear regressor always predicts.');
}
