import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { byProbabilities, normalised } from '../graph/classify.ts';
import { kernel, squaredDistances } from '../graph/kernels.ts';
import type { Points } from '../graph/kernels.ts';
import type { Emitter, Name } from '../graph/emitter.ts';
import type { Dense } from '../graph/values.ts';

/** How far the fast distance may mistake an order; so many more candidates are measured exactly. */
const spare = 8;

interface Metric {
  /** Something that grows with the distance [N, m], cheap. */
  readonly rough: (e: Emitter, x: Dense, p: Points, model: Fitted) => Name;
  /** The distance along the last axis of differences [N, k, f]; absent where rough is exact. */
  readonly exact?: (e: Emitter, difference: Name) => Name;
}

const lastAxis = (e: Emitter) => e.i64([2]);

function minkowski(p: number): Metric {
  const exact = (e: Emitter, d: Name): Name => {
    if (p === 1) return e.op('ReduceL1', [d, lastAxis(e)], { keepdims: 0 });
    if (p === 2) return e.op('Sqrt', [e.op('ReduceSumSquare', [d, lastAxis(e)], { keepdims: 0 })]);
    if (p === Infinity) return e.op('ReduceMax', [e.op('Abs', [d]), lastAxis(e)], { keepdims: 0 });
    const powers = e.op('Pow', [e.op('Abs', [d]), e.scalar(p)]);
    return e.op('Pow', [
      e.op('ReduceSum', [powers, lastAxis(e)], { keepdims: 0 }),
      e.scalar(1 / p),
    ]);
  };
  if (p === 2) return { rough: squaredDistances, exact };
  return { rough: (e, x, points) => exact(e, differences(e, x, points)) };
}

function differences(e: Emitter, x: Dense, p: Points): Name {
  return e.sub(e.unsqueeze(x.name, 1), e.f64([1, p.rows, p.columns], p.data));
}

/** `effective_metric_` and its parameters (`sklearn/metrics/_dist_metrics.pyx`). */
function metricOf(model: Fitted): Metric {
  const name = model.text(
    model.has('effective_metric_') ? 'effective_metric_' : 'metric',
    'minkowski',
  );
  switch (name) {
    case 'euclidean':
    case 'l2':
      return minkowski(2);
    case 'manhattan':
    case 'cityblock':
    case 'l1':
      return minkowski(1);
    case 'chebyshev':
      return minkowski(Infinity);
    case 'minkowski':
      return minkowski(model.number('p', 2));
    case 'cosine':
      return { rough: cosineDistance };
    default:
      throw model.refusal(
        `the metric ${name} cannot be reproduced`,
        'use a minkowski metric or cosine',
      );
  }
}

const cosineOptions = { kernel: 'cosine', gamma: 0, coef0: 0, degree: 0 };

function cosineDistance(e: Emitter, x: Dense, p: Points, model: Fitted): Name {
  return e.op('Clip', [
    e.sub(e.scalar(1), kernel(e, x, p, cosineOptions, model)),
    e.scalar(0),
    e.scalar(2),
  ]);
}

/** Distances [N, k] and rows of the training set [N, k], nearest first. */
export function nearest(c: Compilation, model: Fitted, x: Dense, k: number) {
  const { e } = c;
  if (model.text('_fit_method', '') === '' && !model.has('_fit_X'))
    throw model.refusal('it holds no rows');
  const points = model.matrix('_fit_X', undefined, x.width);
  if (!Number.isInteger(k) || k < 1 || k > points.rows)
    throw model.refusal(`n_neighbors is ${k} of ${points.rows} rows`);
  const metric = metricOf(model);
  const rough = metric.rough(e, x, points, model);
  if (!metric.exact) {
    const [distances = '', rows = ''] = smallest(e, rough, k);
    return { distances, rows, points };
  }
  const [, candidates = ''] = smallest(e, rough, Math.min(points.rows, k + spare));
  const near = e.op('Gather', [e.f64([points.rows, points.columns], points.data), candidates], {
    axis: 0,
  });
  const measured = metric.exact(e, e.sub(e.unsqueeze(x.name, 1), near));
  const [distances = '', order = ''] = smallest(e, measured, k);
  return { distances, rows: e.op('GatherElements', [candidates, order], { axis: 1 }), points };
}

function smallest(e: Emitter, values: Name, k: number): readonly Name[] {
  return e.ops('TopK', [values, e.i64([k])], 2, { axis: 1, largest: 0, sorted: 1 });
}

/** `_get_weights`: 1, or 1 / distance; a row at distance 0 then counts alone. */
function weights({ e }: Compilation, model: Fitted, distances: Name): Name | undefined {
  const kind = model.text('weights', 'uniform');
  if (kind === 'uniform') return undefined;
  if (kind !== 'distance') throw model.refusal(`the weights ${kind} cannot be reproduced`);
  const zero = e.cast(e.op('Equal', [distances, e.scalar(0)]), 'float64');
  const any = e.op('Greater', [e.max(zero), e.scalar(0)]);
  return e.where(any, zero, e.op('Reciprocal', [distances]));
}

/** Σ weight · table[row] [N, width]. */
function gathered(c: Compilation, rows: Name, table: Name, weight: Name | undefined): Name {
  const picked = c.e.op('Gather', [table, rows], { axis: 0 });
  return c.e.sum(
    weight === undefined ? picked : c.e.mul(picked, c.e.unsqueeze(weight, 2)),
    1,
    false,
  );
}

/** `sklearn/neighbors/_classification.py`. Of rows at one distance, which count is not defined there. */
export const nearestNeighboursClassifier: Compiler = {
  predict(c, model, x) {
    const classes = model.classes();
    const k = classes.values.length;
    const neighbours = model.number('n_neighbors', 5);
    const { distances, rows, points } = nearest(c, model, x, neighbours);
    c.warnings.add(tieWarning);
    const own = model.counts('_y');
    if (own.length !== points.rows || own.some((y) => y >= k))
      throw model.refusal('its labels do not fit its rows', 'several outputs are not supported');
    const table = new Float64Array(points.rows * k);
    own.forEach((y, row) => (table[row * k + y] = 1));
    const sums = gathered(c, rows, c.e.f64([points.rows, k], table), weights(c, model, distances));
    return byProbabilities(c.e, classes, normalised(c.e, sums));
  },
};

export const nearestNeighboursRegressor: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const neighbours = model.number('n_neighbors', 5);
    const { distances, rows, points } = nearest(c, model, x, neighbours);
    c.warnings.add(tieWarning);
    const { data } = model.tensor('_y');
    const width = data.length / points.rows;
    if (!Number.isInteger(width)) throw model.refusal('its targets do not fit its rows');
    const weight = weights(c, model, distances);
    const sums = gathered(c, rows, e.f64([points.rows, width], data), weight);
    const total = weight === undefined ? e.scalar(neighbours) : e.sum(weight);
    return { kind: 'regressor', name: e.div(sums, total), width };
  },
};

const tieWarning =
  'Where several training rows are equally far at the last place, scikit-learn picks by the order of its own tree; another of them may be picked here.';

/** The class of the nearest centroid (`sklearn/neighbors/_nearest_centroid.py`). */
export const nearestCentroid: Compiler = {
  predict(c, model, x) {
    const classes = model.classes();
    const metric = metricOf(model);
    if (model.has('shrink_threshold') || !metric.exact)
      throw model.refusal('only the euclidean metric without shrinking is proven');
    const centroids = model.matrix('centroids_', classes.values.length, x.width);
    const far = metric.exact(c.e, differences(c.e, x, centroids));
    return {
      kind: 'classifier',
      classes,
      index: c.e.op('ArgMin', [far], { axis: 1, keepdims: 0 }),
    };
  },
};
