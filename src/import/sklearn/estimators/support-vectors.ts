import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { overThreshold } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import { kernel } from '../graph/kernels.ts';
import type { Dense } from '../graph/values.ts';
import { outliers } from './isolation-forest.ts';
import { coupled, pairsOf, votes } from './pairwise-coupling.ts';
import type { Pair } from './pairwise-coupling.ts';

/** K(x, support vectors) [N, m]; the coefficients go with it as one matrix. */
function kernelOf(c: Compilation, model: Fitted, x: Dense): { name: Name; vectors: number } {
  const points = model.matrix('support_vectors_', undefined, x.width);
  const options = {
    kernel: model.text('kernel', 'rbf'),
    gamma: model.number('_gamma', 0),
    coef0: model.number('coef0', 0),
    degree: model.number('degree', 3),
  };
  return { name: kernel(c.e, x, points, options, model), vectors: points.rows };
}

/** SVR and NuSVR: Σ αᵢ K(x, svᵢ) + b (`sklearn/svm/_base.py`). */
function single(c: Compilation, model: Fitted, x: Dense): Name {
  const { name, vectors } = kernelOf(c, model, x);
  const weights = model.vector(model.has('_dual_coef_') ? '_dual_coef_' : 'dual_coef_', vectors);
  const bias = model.vector(model.has('_intercept_') ? '_intercept_' : 'intercept_', 1);
  return c.e.add(c.e.matmul(name, c.e.f64([vectors, 1], weights)), c.e.row(bias));
}

export const supportVectorRegressor: Compiler = {
  predict: (c, model, x) => ({ kind: 'regressor', name: single(c, model, x), width: 1 }),
};

/** `predict` is libsvm's: an inlier is strictly over zero. */
export const oneClassSvm: Compiler = {
  predict: (c, model, x) => outliers(c, single(c, model, x), false),
};

/**
 * libsvm's one-versus-one decisions [N, pairs]: the coefficients of a pair lie in two blocks of
 * `_dual_coef_` [K - 1, m]; spread over all vectors they make one product of the whole. A sum of
 * `_n_support` that does not match is how CVE-2020-28975 crashed libsvm.
 */
function pairDecisions(c: Compilation, model: Fitted, x: Dense, pairs: readonly Pair[], k: number) {
  const { name, vectors } = kernelOf(c, model, x);
  const counts = model.counts(model.has('_n_support') ? '_n_support' : 'n_support_');
  const starts = counts.map((_, i) => counts.slice(0, i).reduce((sum, n) => sum + n, 0));
  if (counts.length !== k || counts.reduce((sum, n) => sum + n, 0) !== vectors)
    throw model.refusal(`_n_support does not add up to its ${vectors} support vectors`);
  const dual = model.matrix('_dual_coef_', k - 1, vectors).data;
  const weights = new Float64Array(vectors * pairs.length);
  const spread = (column: number, own: number, row: number) => {
    const start = starts[own] ?? 0;
    for (let v = start; v < start + (counts[own] ?? 0); v += 1)
      weights[v * pairs.length + column] = dual[row * vectors + v] ?? 0;
  };
  pairs.forEach(([i, j], column) => {
    spread(column, i, j - 1);
    spread(column, j, i);
  });
  const product = c.e.matmul(name, c.e.f64([vectors, pairs.length], weights));
  return c.e.add(product, c.e.row(model.vector('_intercept_', pairs.length)));
}

/** Platt's sigmoid of each pair's decision, clipped as libsvm clips it (`svm_predict_probability`). */
function platt(
  { e }: Compilation,
  model: Fitted,
  decisions: Name,
  pairs: number,
): Name | undefined {
  const a = model.has('_probA') ? '_probA' : 'probA_';
  const b = model.has('_probB') ? '_probB' : 'probB_';
  if (model.raw('probability') !== true || !model.has(a) || model.vector(a).length === 0)
    return undefined;
  const linear = e.add(
    e.mul(decisions, e.row(model.vector(a, pairs))),
    e.row(model.vector(b, pairs)),
  );
  const p = e.op('Sigmoid', [e.neg(linear)]);
  return e.op('Clip', [p, e.scalar(1e-7), e.scalar(1 - 1e-7)]);
}

/**
 * `sklearn/utils/multiclass.py`, `_ovr_decision_function`: votes, and confidences squeezed under a
 * third of a vote. Pairs with a negative decision vote for the first class of the pair there.
 */
export function oneVersusRestScores(
  c: Compilation,
  forSecond: Name,
  confidence: Name,
  pairs: readonly Pair[],
  k: number,
): Name {
  const { e } = c;
  const signs = new Float64Array(pairs.length * k);
  pairs.forEach(([i, j], row) => {
    signs[row * k + i] = -1;
    signs[row * k + j] = 1;
  });
  const sums = e.matmul(confidence, e.f64([pairs.length, k], signs));
  const third = e.mul(e.scalar(3), e.add(e.op('Abs', [sums]), e.scalar(1)));
  return e.add(votes(c, forSecond, pairs, k), e.div(sums, third));
}

export const supportVectorClassifier: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const classes = model.classes();
    const k = classes.values.length;
    const pairs = pairsOf(k);
    const decisions = pairDecisions(c, model, x, pairs, k);
    const sigmoids = platt(c, model, decisions, pairs.length);
    const probabilities = sigmoids === undefined ? undefined : coupled(c, sigmoids, k);
    const withProbabilities =
      probabilities === undefined || sigmoids === undefined
        ? {}
        : { probabilities, pairwise: sigmoids };
    if (k === 2) {
      // libsvm counts its first class where the decision is positive; sklearn shows the opposite sign.
      const scores = e.neg(decisions);
      const index = overThreshold(e, scores, 0, true);
      return { kind: 'classifier', classes, index, scores, scoreWidth: 1, ...withProbabilities };
    }
    const forSecond = e.cast(e.op('LessOrEqual', [decisions, e.scalar(0)]), 'float64');
    const ovr = model.text('decision_function_shape', 'ovr') === 'ovr';
    const strictly = e.cast(e.op('Less', [decisions, e.scalar(0)]), 'float64');
    const scores = ovr ? oneVersusRestScores(c, strictly, e.neg(decisions), pairs, k) : decisions;
    const index = e.argmax(model.flag('break_ties') ? scores : votes(c, forSecond, pairs, k));
    const scoreWidth = ovr ? k : pairs.length;
    return { kind: 'classifier', classes, index, scores, scoreWidth, ...withProbabilities };
  },
};
