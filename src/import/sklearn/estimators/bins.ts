import type { Compiler } from '../compilation.ts';
import type { Dense } from '../graph/values.ts';

/** The number of inner edges that a value has reached (`sklearn/preprocessing/_discretization.py`). */
export const binDiscretizer: Compiler = {
  transform({ e }, model, x): Dense {
    const edges = model.vectors('bin_edges_', x.width).map((own) => own.slice(1, -1));
    const bins = model.counts('n_bins_');
    if (bins.some((count, i) => count !== (edges[i]?.length ?? 0) + 1))
      throw model.refusal('n_bins_ does not fit bin_edges_');
    const most = Math.max(1, ...edges.map((own) => own.length));
    const grid = new Float64Array(x.width * most).fill(Infinity);
    edges.forEach((own, i) => grid.set(own, i * most));
    const reached = e.op('GreaterOrEqual', [
      e.unsqueeze(x.name, 2),
      e.f64([1, x.width, most], grid),
    ]);
    const ordinal = e.sum(e.cast(reached, 'float64'), 2, false);
    if (model.text('encode', 'onehot') === 'ordinal')
      return { kind: 'dense', name: ordinal, width: x.width };
    const features = bins.flatMap((count, i) => Array.from({ length: count }, () => i));
    const numbers = bins.flatMap((count) => Array.from({ length: count }, (_, bin) => bin));
    const hot = e.op('Equal', [e.columns(ordinal, features), e.row(numbers)]);
    return { kind: 'dense', name: e.cast(hot, 'float64'), width: features.length };
  },
};
