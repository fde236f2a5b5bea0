import type { Compiler } from '../compilation.ts';
import type { Dense } from '../graph/values.ts';
import { segments } from '../trees/segments.ts';

/** The number of inner edges that a value has reached (`sklearn/preprocessing/_discretization.py`). */
export const binDiscretizer: Compiler = {
  transform({ e }, model, x): Dense {
    const edges = model.vectors('bin_edges_', x.width).map((own) => own.slice(1, -1));
    const bins = model.counts('n_bins_');
    if (bins.some((count, i) => count !== (edges[i]?.length ?? 0) + 1))
      throw model.refusal('n_bins_ does not fit bin_edges_');
    const ordinal = e.cast(segments(e, x.name, edges), 'float64');
    if (model.text('encode', 'onehot') === 'ordinal')
      return { kind: 'dense', name: ordinal, width: x.width };
    const features = bins.flatMap((count, i) => Array.from({ length: count }, () => i));
    const numbers = bins.flatMap((count) => Array.from({ length: count }, (_, bin) => bin));
    const hot = e.op('Equal', [e.columns(ordinal, features), e.row(numbers)]);
    return { kind: 'dense', name: e.cast(hot, 'float64'), width: features.length };
  },
};
