import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { project } from '../graph/densify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Dense } from '../graph/values.ts';
import { transposed } from './linear.ts';

/** (x - mean) · componentsᵀ, the shape of most of `sklearn/decomposition`. */
function projected(c: Compilation, model: Fitted, x: Dense): Dense {
  const components = model.matrix('components_');
  if (components.columns !== x.width)
    throw model.refusal(`components_ has ${components.columns} columns for ${x.width} features`);
  const centred = model.has('mean_')
    ? c.e.sub(x.name, c.e.row(model.vector('mean_', x.width)))
    : x.name;
  const weights = c.e.f64([x.width, components.rows], transposed(components));
  return { kind: 'dense', name: c.e.matmul(centred, weights), width: components.rows };
}

/**
 * Centred before the product, while since 1.5 scikit-learn subtracts mean · componentsᵀ afterwards:
 * the same within rounding, and closer to the exact value.
 */
export const pca: Compiler = {
  transform(c, model, x) {
    const plain = projected(c, model, x);
    if (!model.flag('whiten')) return plain;
    const variance = model.vector('explained_variance_', plain.width);
    // Clipped since 1.5, so that constant columns do not divide by nothing.
    const least = model.versionAtLeast(1, 5) ? Number.EPSILON : 0;
    const scale = variance.map((v) => Math.max(Math.sqrt(v), least));
    return { ...plain, name: c.e.div(plain.name, c.e.row(scale)) };
  },
};

export const fastIca: Compiler = {
  transform: (c, model, x) => projected(c, model, x),
};

export const truncatedSvd: Compiler = {
  readsSparse: true,
  transform(c, model, x, raw) {
    const input = raw.kind === 'sparse' ? raw : x;
    const components = model.matrix('components_');
    if (components.columns !== input.width)
      throw model.refusal(
        `components_ has ${components.columns} columns for ${input.width} features`,
      );
    const name = project(c.e, input, transposed(components), components.rows);
    return { kind: 'dense', name, width: components.rows };
  },
};

/** Gaussian and sparse random projections: no mean. */
export const randomProjection: Compiler = {
  readsSparse: true,
  transform: (c, model, x, raw) => truncatedSvd.transform?.(c, model, x, raw) ?? x,
};

/** `sklearn/cross_decomposition/_pls.py`: X is centred and scaled, then multiplied. */
export const plsRegression: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const { targets, data: weights } = plsWeights(model, x.width);
    let input = e.sub(x.name, e.row(model.vector('_x_mean', x.width)));
    // Since 1.5 the scale is part of coef_.
    if (!model.versionAtLeast(1, 5)) input = e.div(input, e.row(model.vector('_x_std', x.width)));
    const product = e.matmul(input, e.f64([x.width, targets], weights));
    const start = e.row(model.vector(model.has('intercept_') ? 'intercept_' : '_y_mean', targets));
    return { kind: 'regressor', name: e.add(product, start), width: targets };
  },
  transform(c, model, x) {
    const { e } = c;
    const rotations = model.matrix('x_rotations_');
    if (rotations.rows !== x.width) throw model.refusal('x_rotations_ does not fit its input');
    const centred = e.sub(x.name, e.row(model.vector('_x_mean', x.width)));
    const scaled = e.div(centred, e.row(model.vector('_x_std', x.width)));
    const name = e.matmul(scaled, e.f64([x.width, rotations.columns], rotations.data));
    return { kind: 'dense', name, width: rotations.columns };
  },
};

/** As [features, targets]: until 1.0 `coef_` is, 1.1 and 1.2 kept the other way round in `_coef_`, later ones in `coef_`. */
function plsWeights(model: Fitted, width: number): { targets: number; data: Float64Array } {
  if (!model.versionAtLeast(1, 1)) {
    const { rows, columns, data } = model.matrix('coef_');
    if (rows !== width) throw model.refusal('coef_ does not fit its input');
    return { targets: columns, data };
  }
  const found = model.matrix(model.has('_coef_') ? '_coef_' : 'coef_', undefined, width);
  return { targets: found.rows, data: transposed(found) };
}

/** E[h|x] of a factor analysis (`sklearn/decomposition/_factor_analysis.py`), folded into one matrix. */
export const factorAnalysis: Compiler = {
  transform(c, model, x) {
    const { rows: k, data: w } = model.matrix('components_', undefined, x.width);
    const noise = model.vector('noise_variance_', x.width);
    const scaled = w.map((v, i) => v / (noise[i % x.width] ?? 1));
    const precision = new Float64Array(k * k);
    for (let i = 0; i < k; i += 1)
      for (let j = 0; j < k; j += 1) {
        let sum = i === j ? 1 : 0;
        for (let f = 0; f < x.width; f += 1)
          sum += (scaled[i * x.width + f] ?? 0) * (w[j * x.width + f] ?? 0);
        precision[i * k + j] = sum;
      }
    const covariance = inverse(precision, k);
    const folded = new Float64Array(x.width * k);
    for (let f = 0; f < x.width; f += 1)
      for (let j = 0; j < k; j += 1)
        for (let i = 0; i < k; i += 1)
          folded[f * k + j] =
            (folded[f * k + j] ?? 0) +
            (scaled[i * x.width + f] ?? 0) * (covariance[i * k + j] ?? 0);
    const centred = c.e.sub(x.name, c.e.row(model.vector('mean_', x.width)));
    return { kind: 'dense', name: c.e.matmul(centred, c.e.f64([x.width, k], folded)), width: k };
  },
};

/** Gauss-Jordan with pivots. */
function inverse(matrix: Float64Array, n: number): Float64Array {
  const a = Array.from({ length: n }, (_, i) => [
    ...matrix.subarray(i * n, (i + 1) * n),
    ...Array.from({ length: n }, (_, j) => Number(i === j)),
  ]);
  for (let i = 0; i < n; i += 1) {
    const pivot = a
      .slice(i)
      .reduce((best, row) => (Math.abs(row[i] ?? 0) > Math.abs(best[i] ?? 0) ? row : best));
    const at = a.indexOf(pivot);
    [a[i], a[at]] = [pivot, a[i] ?? pivot];
    const scale = pivot[i] ?? 1;
    pivot.forEach((v, j) => (pivot[j] = v / scale));
    a.forEach((row, r) => {
      if (r === i) return;
      const factor = row[i] ?? 0;
      row.forEach((v, j) => (row[j] = v - factor * (pivot[j] ?? 0)));
    });
  }
  return Float64Array.from(a.flatMap((row) => row.slice(n)));
}

/** cos(x · weights + offset) · √(2 / n) (`sklearn/kernel_approximation.py`). */
export const rbfSampler: Compiler = {
  transform({ e }, model, x) {
    const weights = model.matrix('random_weights_', x.width);
    const offset = e.row(model.vector('random_offset_', weights.columns));
    const angle = e.add(e.matmul(x.name, e.f64([x.width, weights.columns], weights.data)), offset);
    const scale = Math.sqrt(2 / weights.columns);
    const name: Name = e.mul(e.op('Cos', [angle]), e.scalar(scale));
    return { kind: 'dense', name, width: weights.columns };
  },
};
