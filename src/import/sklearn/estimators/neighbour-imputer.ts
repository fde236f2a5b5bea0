import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import type { Dense } from '../graph/values.ts';
import { withIndicator } from './imputers.ts';

interface Training {
  readonly rows: number;
  readonly width: number;
  readonly data: Float64Array;
}

/** The training rows by columns [width, rows]; holes as 0. */
function columnsOf({ rows, width, data }: Training, value: (v: number) => number): Float64Array {
  const out = new Float64Array(rows * width);
  for (let i = 0; i < rows; i += 1)
    for (let j = 0; j < width; j += 1) out[j * rows + i] = value(data[i * width + j] ?? 0);
  return out;
}

/**
 * `nan_euclidean_distances` (`sklearn/metrics/pairwise.py`) [N, rows]: over the features that both have,
 * scaled up for those that one lacks; infinity where they share none.
 */
function distances({ e }: Compilation, x: Dense, missing: Name, training: Training): Name {
  const { rows, width } = training;
  const constant = (value: (v: number) => number) =>
    e.f64([width, rows], columnsOf(training, value));
  const present = e.cast(e.op('Not', [missing]), 'float64');
  const holes = e.cast(missing, 'float64');
  const filled = e.where(missing, e.scalar(0), x.name);
  const squares = columnsOf(training, (v) => (Number.isNaN(v) ? 0 : v * v));
  const norms = Float64Array.from({ length: rows }, (_, i) =>
    Array.from({ length: width }, (_, j) => squares[j * rows + i] ?? 0).reduce(
      (sum, v) => sum + v,
      0,
    ),
  );
  const cross = e.matmul(
    filled,
    constant((v) => (Number.isNaN(v) ? 0 : -2 * v)),
  );
  const whole = e.op('Max', [e.add(e.add(cross, e.sumSquares(filled)), e.row(norms)), e.scalar(0)]);
  const withoutTheirs = e.matmul(
    e.mul(filled, filled),
    constant((v) => Number(Number.isNaN(v))),
  );
  const withoutOurs = e.matmul(holes, e.f64([width, rows], squares));
  const shared = e.op('Max', [e.sub(e.sub(whole, withoutTheirs), withoutOurs), e.scalar(0)]);
  const count = e.matmul(
    present,
    constant((v) => Number(!Number.isNaN(v))),
  );
  const none = e.op('Equal', [count, e.scalar(0)]);
  const scaled = e.mul(e.div(shared, e.where(none, e.scalar(1), count)), e.scalar(width));
  return e.where(none, e.scalar(Infinity), e.op('Sqrt', [scaled]));
}

/** The mean of the nearest rows that have the feature; the mean of all where no row is comparable. */
function imputed(
  c: Compilation,
  model: Fitted,
  far: Name,
  training: Training,
  feature: number,
): Name {
  const { e } = c;
  const donors: number[] = [];
  for (let i = 0; i < training.rows; i += 1)
    if (!Number.isNaN(training.data[i * training.width + feature])) donors.push(i);
  const values = donors.map((i) => training.data[i * training.width + feature] ?? 0);
  const k = Math.min(model.number('n_neighbors', 5), donors.length);
  const own = donors.length === training.rows ? far : e.columns(far, donors);
  const [near = '', at = ''] = e.ops('TopK', [own, e.i64([k])], 2, {
    axis: 1,
    largest: 0,
    sorted: 1,
  });
  const weights = donorWeights(c, model, near);
  const given = e.op('Gather', [e.f64([values.length], values), at], { axis: 0 });
  const total = e.sum(weights);
  const nobody = e.op('Equal', [total, e.scalar(0)]);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const found = e.div(e.sum(e.mul(given, weights)), e.where(nobody, e.scalar(1), total));
  return e.where(nobody, e.scalar(mean), found);
}

function donorWeights({ e }: Compilation, model: Fitted, near: Name): Name {
  const kind = model.text('weights', 'uniform');
  if (kind === 'uniform') return e.cast(e.op('Less', [near, e.scalar(Infinity)]), 'float64');
  // The reciprocal of a distance that is nothing but rounding error is nothing but noise.
  throw model.refusal(`the weights ${kind} cannot be reproduced`, 'use weights="uniform"');
}

/** `sklearn/impute/_knn.py`. */
export const nearestNeighboursImputer: Compiler = {
  missing: 'accepts',
  transform(c, model, x): Dense {
    const { e } = c;
    if (model.text('metric', 'nan_euclidean') !== 'nan_euclidean')
      throw model.refusal('its metric cannot be reproduced');
    if (!Number.isNaN(model.number('missing_values', Number.NaN)))
      throw model.refusal('only NaN may stand for a missing value');
    const { shape, data } = model.tensor('_fit_X', false);
    const training = { rows: shape[0] ?? 0, width: shape[1] ?? 0, data };
    if (training.width !== x.width || training.rows === 0)
      throw model.refusal(`_fit_X does not have ${x.width} columns`);
    const valid = model.has('_valid_mask') ? model.flags('_valid_mask') : filledColumns(training);
    if (valid.includes(false))
      throw model.refusal('a feature that was empty in training is not proven');
    const missing = e.op('IsNaN', [x.name]);
    const far = distances(c, x, missing, training);
    const columns = valid.map((_, feature) => imputed(c, model, far, training, feature));
    const name = e.where(missing, e.concat(columns), x.name);
    return withIndicator(c, model, { kind: 'dense', name, width: x.width }, missing, x.width);
  },
};

/** What `_valid_mask` holds since scikit-learn 1.1: whether a feature had any value. */
function filledColumns({ rows, width, data }: Training): boolean[] {
  return Array.from({ length: width }, (_, column) =>
    Array.from({ length: rows }, (_, row) => data[row * width + column]).some(
      (value) => value !== undefined && !Number.isNaN(value),
    ),
  );
}
