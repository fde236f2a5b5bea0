import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { softmax } from '../graph/classify.ts';
import type { Emitter, Name } from '../graph/emitter.ts';
import { squaredDistances } from '../graph/kernels.ts';
import type { Points } from '../graph/kernels.ts';
import type { Dense } from '../graph/values.ts';
import { outliers } from './isolation-forest.ts';

/** ‖x - centre‖² [N, k], from the differences themselves where there are few centres. */
function distances(e: Emitter, x: Dense, centres: Points): Name {
  if (centres.rows * centres.columns > 4096) return squaredDistances(e, x, centres);
  const each = e.sub(
    e.unsqueeze(x.name, 1),
    e.f64([1, centres.rows, centres.columns], centres.data),
  );
  return e.sumSquares(each, 2, false);
}

function centresOf(model: Fitted, x: Dense, name: string): Points {
  return model.matrix(name, undefined, x.width);
}

/** KMeans, MiniBatchKMeans, BisectingKMeans… predict the nearest centre and transform to distances. */
export const kMeans: Compiler = {
  predict(c, model, x) {
    const found = distances(c.e, x, centresOf(model, x, 'cluster_centers_'));
    return { kind: 'clusterer', label: nearest(c.e, found) };
  },
  transform(c, model, x) {
    const centres = centresOf(model, x, 'cluster_centers_');
    return {
      kind: 'dense',
      name: c.e.op('Sqrt', [distances(c.e, x, centres)]),
      width: centres.rows,
    };
  },
};

function nearest(e: Emitter, far: Name): Name {
  return e.op('ArgMin', [far], { axis: 1, keepdims: 0 });
}

/** The label of the nearest subcluster (`sklearn/cluster/_birch.py`). */
export const birch: Compiler = {
  predict(c, model, x) {
    const centres = centresOf(model, x, 'subcluster_centers_');
    const labels = model.counts('subcluster_labels_');
    if (labels.length !== centres.rows)
      throw model.refusal('its subclusters and labels differ in number');
    const index = nearest(c.e, distances(c.e, x, centres));
    return { kind: 'clusterer', label: c.e.op('Gather', [c.e.i64(labels), index], { axis: 0 }) };
  },
  transform(c, model, x) {
    const centres = centresOf(model, x, 'subcluster_centers_');
    return {
      kind: 'dense',
      name: c.e.op('Sqrt', [distances(c.e, x, centres)]),
      width: centres.rows,
    };
  },
};

/**
 * log N(x | μ, Σ) + log weight of each component; `precisions_cholesky_` is one matrix per component,
 * one for all, one row per component, or one number per component (`sklearn/mixture/_gaussian_mixture.py`).
 */
function logDensities(c: Compilation, model: Fitted, x: Dense, k: number): Name {
  const { e } = c;
  const f = x.width;
  const means = model.matrix('means_', k, f).data;
  const type = model.text('covariance_type', 'full');
  const { data: precisions } = model.tensor('precisions_cholesky_');
  const expected = { full: k * f * f, tied: f * f, diag: k * f, spherical: k }[type];
  if (precisions.length !== expected)
    throw model.refusal(`its precisions do not fit the covariance type ${type}`);
  const parts = Array.from({ length: k }, (_, i) => {
    const mean = means.subarray(i * f, (i + 1) * f);
    const centred = e.sub(x.name, e.row(mean));
    const { scaled, logDeterminant } = whitened(e, centred, precisions, type, i, f);
    const constant = -0.5 * f * Math.log(2 * Math.PI) + logDeterminant;
    return e.add(e.mul(e.sumSquares(scaled), e.scalar(-0.5)), e.scalar(constant));
  });
  return e.concat(parts);
}

function whitened(
  e: Emitter,
  centred: Name,
  precisions: Float64Array,
  type: string,
  i: number,
  f: number,
) {
  if (type === 'full' || type === 'tied') {
    const from = type === 'full' ? i * f * f : 0;
    const own = precisions.subarray(from, from + f * f);
    const diagonal = Array.from({ length: f }, (_, j) => Math.log(own[j * f + j] ?? 0));
    const logDeterminant = diagonal.reduce((sum, v) => sum + v, 0);
    return { scaled: e.matmul(centred, e.f64([f, f], own)), logDeterminant };
  }
  const own =
    type === 'diag'
      ? precisions.subarray(i * f, (i + 1) * f)
      : new Float64Array(f).fill(precisions[i] ?? 0);
  const logDeterminant = own.reduce((sum, v) => sum + Math.log(v), 0);
  return { scaled: e.mul(centred, e.row(own)), logDeterminant };
}

function mixture(
  c: Compilation,
  model: Fitted,
  x: Dense,
  logWeights: Float64Array,
  extra: Float64Array,
) {
  const sum = logWeights.map((v, i) => v + (extra[i] ?? 0));
  const densities = c.e.add(logDensities(c, model, x, sum.length), c.e.row(sum));
  const label = c.e.argmax(densities);
  return {
    kind: 'clusterer' as const,
    label,
    probabilities: softmax(c.e, densities),
    scoreWidth: sum.length,
  };
}

export const gaussianMixture: Compiler = {
  predict(c, model, x) {
    const weights = model.vector('weights_');
    return mixture(c, model, x, weights.map(Math.log), new Float64Array(weights.length));
  },
};

/** Inside of the minimum covariance ellipsoid (`sklearn/covariance/_elliptic_envelope.py`). */
export const ellipticEnvelope: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const precision = model.matrix('precision_', x.width, x.width).data;
    const centred = e.sub(x.name, e.row(model.vector('location_', x.width)));
    const product = e.matmul(centred, e.f64([x.width, x.width], precision));
    const mahalanobis = e.sum(e.mul(product, centred));
    return outliers(c, e.sub(e.neg(mahalanobis), e.scalar(model.number('offset_'))));
  },
};
