import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { byProbabilities, oneHot } from '../graph/classify.ts';
import type { Value } from '../graph/values.ts';
import { average, classifierOf } from './meta-classifiers.ts';
import { regressionOf } from './meta-regressors.ts';

/** Each member with the columns that it was given (`sklearn/ensemble/_bagging.py`). */
function members(c: Compilation, model: Fitted, raw: Value) {
  const x = c.dense(raw, model);
  const own = model.children('estimators_');
  const features = model.vectors('estimators_features_', own.length);
  return own.map((member, i) => {
    const indexes = [...(features[i] ?? [])];
    if (indexes.some((at) => !Number.isInteger(at) || at < 0 || at >= x.width))
      throw model.refusal(`estimators_features_[${i}] names a feature that does not exist`);
    return { member, x: c.pick(x, indexes) };
  });
}

const ones = (count: number) => Array.from({ length: count }, () => 1);

/** The mean probability, or the share of votes of members without one. A member may lack classes. */
export const baggingClassifier: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const classes = model.classes();
    const k = classes.values.length;
    const found = c.each(members(c, model, raw), ({ member, x }) => classifierOf(c, member, x));
    const parts = found.map((one) => {
      const width = one.classes.values.length;
      const p = one.probabilities ?? oneHot(c.e, one.index, width);
      if (width === k) return p;
      // Members know the classes by number.
      const spread = new Float64Array(width * k);
      one.classes.values.forEach((value, i) => (spread[i * k + Number(value)] = 1));
      return c.e.matmul(p, c.e.f64([width, k], spread));
    });
    const result = byProbabilities(c.e, classes, average(c, parts, ones(parts.length)));
    const scores = found.flatMap((one) => one.scores ?? []);
    const scoreWidth = found[0]?.scoreWidth ?? 0;
    if (scores.length < found.length || found.some((one) => one.scoreWidth !== scoreWidth))
      return result;
    return { ...result, scores: average(c, scores, ones(scores.length)), scoreWidth };
  },
};

export const baggingRegressor: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const parts = c.each(members(c, model, raw), ({ member, x }) => regressionOf(c, member, x));
    const names = parts.map((part) => part.name);
    return {
      kind: 'regressor',
      name: average(c, names, ones(names.length)),
      width: parts[0]?.width ?? 1,
    };
  },
};
