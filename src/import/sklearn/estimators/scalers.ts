import type { Compiler } from '../compilation.ts';
import type { Dense } from '../graph/values.ts';

/** Formulas: `transform` of each class in `sklearn/preprocessing/_data.py`. NaN goes through all but one. */
export const standardScaler: Compiler = {
  missing: 'passes',
  transform({ e }, model, x) {
    let name = x.name;
    if (model.flag('with_mean', true)) name = e.sub(name, e.row(model.vector('mean_', x.width)));
    if (model.flag('with_std', true)) name = e.div(name, e.row(model.vector('scale_', x.width)));
    return { kind: 'dense', name, width: x.width };
  },
};

export const minMaxScaler: Compiler = {
  missing: 'passes',
  transform({ e }, model, x) {
    const scaled = e.mul(x.name, e.row(model.vector('scale_', x.width)));
    let name = e.add(scaled, e.row(model.vector('min_', x.width)));
    if (model.flag('clip')) {
      const [low = 0, high = 1] = model.vector('feature_range', 2);
      // Max and Min, since Clip makes a number of NaN.
      const clipped = e.op('Min', [e.op('Max', [name, e.scalar(low)]), e.scalar(high)]);
      name = e.where(e.op('IsNaN', [name]), name, clipped);
    }
    return { kind: 'dense', name, width: x.width };
  },
};

export const maxAbsScaler: Compiler = {
  missing: 'passes',
  readsSparse: true,
  transform({ e }, model, x, raw) {
    if (raw.kind !== 'sparse') {
      const scale = e.row(model.vector('scale_', x.width));
      return { kind: 'dense', name: e.div(x.name, scale), width: x.width };
    }
    // One more entry, for the padding.
    const scale = [...model.vector('scale_', raw.width), 1];
    const own = e.op('Gather', [e.f64([scale.length], scale), raw.ids], { axis: 0 });
    return { ...raw, values: e.div(raw.values, own) };
  },
};

export const robustScaler: Compiler = {
  missing: 'passes',
  transform({ e }, model, x) {
    let name = x.name;
    if (model.flag('with_centering', true))
      name = e.sub(name, e.row(model.vector('center_', x.width)));
    if (model.flag('with_scaling', true))
      name = e.div(name, e.row(model.vector('scale_', x.width)));
    return { kind: 'dense', name, width: x.width };
  },
};

/** Rows by their norm; a row of zeros stays as it is. */
export const normalizer: Compiler = {
  transform({ e }, model, x): Dense {
    const norm = model.text('norm', 'l2');
    const length =
      norm === 'max'
        ? e.max(e.op('Abs', [x.name]))
        : e.op(norm === 'l1' ? 'ReduceL1' : 'ReduceL2', [x.name, e.i64([1])], { keepdims: 1 });
    if (!['l1', 'l2', 'max'].includes(norm)) throw model.refusal(`the norm ${norm} is unknown`);
    const safe = e.where(e.op('Equal', [length, e.scalar(0)]), e.scalar(1), length);
    return { kind: 'dense', name: e.div(x.name, safe), width: x.width };
  },
};

export const binarizer: Compiler = {
  transform({ e }, model, x): Dense {
    const over = e.op('Greater', [x.name, e.scalar(model.number('threshold', 0))]);
    return { kind: 'dense', name: e.cast(over, 'float64'), width: x.width };
  },
};
