import type { Compiler } from '../compilation.ts';
import { outliers } from './isolation-forest.ts';
import { nearest } from './neighbours.ts';

/** The local density against that of the neighbours (`sklearn/neighbors/_lof.py`). */
export const localOutlierFactor: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    if (!model.flag('novelty'))
      throw model.refusal('it has no predict', 'fit it with novelty=True');
    const k = model.number('n_neighbors_');
    const { distances, rows, points } = nearest(c, model, x, k);
    const fitted = model.matrix('_distances_fit_X_', points.rows);
    const farthest = Float64Array.from(
      { length: points.rows },
      (_, i) => fitted.data[i * fitted.columns + k - 1] ?? 0,
    );
    const reach = e.op('Max', [
      distances,
      e.op('Gather', [e.f64([points.rows], farthest), rows], { axis: 0 }),
    ]);
    const mean = e.op('ReduceMean', [reach, e.i64([1])], { keepdims: 1 });
    const density = e.op('Reciprocal', [e.add(mean, e.scalar(1e-10))]);
    const own = model.vector('_lrd', points.rows);
    const ratio = e.div(e.op('Gather', [e.f64([points.rows], own), rows], { axis: 0 }), density);
    const score = e.neg(e.op('ReduceMean', [ratio, e.i64([1])], { keepdims: 1 }));
    return outliers(c, e.sub(score, e.scalar(model.number('offset_'))));
  },
};
