import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import type { Classifier, Value } from '../graph/values.ts';
import { classifierOf } from './meta-classifiers.ts';
import { regressionOf } from './meta-regressors.ts';

/** One classifier per label (`sklearn/multioutput.py`). */
export const multiOutputClassifier: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const outputs = c.each(model.children('estimators_'), (member) => classifierOf(c, member, raw));
    return { kind: 'multi-classifier', outputs };
  },
};

/** Each member also reads the predictions of those before it. */
function chained<T>(
  c: Compilation,
  model: Fitted,
  raw: Value,
  predict: (member: Fitted, x: Value) => { told: Name; result: T },
): T[] {
  if (model.text('chain_method', 'predict') !== 'predict')
    throw model.refusal('only chain_method="predict" is proven');
  const members = model.children('estimators_');
  const order = model.indexes('order_', members.length);
  const results: T[] = [];
  const seen: Value[] = [c.dense(raw, model)];
  members.forEach((member, i) => {
    const { told, result } = predict(member, c.join(seen, model));
    seen.push({ kind: 'dense', name: told, width: 1 });
    results[order[i] ?? i] = result;
  });
  return results;
}

export const classifierChain: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const outputs = chained(c, model, raw, (member, x) => {
      const result: Classifier = classifierOf(c, member, x);
      const labels = c.e.f64([result.classes.values.length], result.classes.values.map(Number));
      const told = c.e.op('Gather', [labels, c.e.unsqueeze(result.index, 1)], { axis: 0 });
      return { told, result };
    });
    return { kind: 'multi-classifier', outputs };
  },
};

export const regressorChain: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const names = chained(c, model, raw, (member, x) => {
      const { name } = regressionOf(c, member, x);
      return { told: name, result: name };
    });
    return { kind: 'regressor', name: c.e.concat(names), width: names.length };
  },
};
