import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { positive } from '../graph/classify.ts';
import type { Classes, Dense, Value } from '../graph/values.ts';
import { classifierOf } from './meta-classifiers.ts';
import { regressionOf } from './meta-regressors.ts';

/** What one member tells the final estimator (`_concatenate_predictions`, `sklearn/ensemble/_stacking.py`). */
function told(c: Compilation, member: Fitted, method: string, raw: Value): Dense {
  if (method === 'predict' && c.compiler(member).predict) {
    const found = c.predict(member, raw);
    if (found.kind === 'regressor') return { kind: 'dense', name: found.name, width: found.width };
    if (found.kind !== 'classifier') throw member.refusal(`it is a ${found.kind}`);
    // Members know the classes by number.
    return { kind: 'dense', name: c.e.cast(c.e.unsqueeze(found.index, 1), 'float64'), width: 1 };
  }
  const found = classifierOf(c, member, raw);
  const k = found.classes.values.length;
  if (method === 'decision_function' && found.scores !== undefined)
    return { kind: 'dense', name: found.scores, width: found.scoreWidth ?? k };
  if (method !== 'predict_proba' || found.probabilities === undefined)
    throw member.refusal(`it has no ${method}`);
  // Two probabilities say the same thing twice.
  if (k === 2) return { kind: 'dense', name: positive(c.e, found.probabilities), width: 1 };
  return { kind: 'dense', name: found.probabilities, width: k };
}

function stacked(c: Compilation, model: Fitted, raw: Value): Dense {
  const methods = model.strings('stack_method_');
  const members = model.children('estimators_');
  const parts: Value[] = c.each(members, (member, i) =>
    told(c, member, methods[i] ?? 'predict', raw),
  );
  return c.join(model.flag('passthrough') ? [...parts, c.dense(raw, model)] : parts, model);
}

function classesOf(model: Fitted): Classes {
  return model.has('classes_') ? model.classes() : model.child('_label_encoder').classes();
}

export const stackingClassifier: Compiler = {
  readsAny: true,
  predict: (c, model, _x, raw) => ({
    ...classifierOf(c, model.child('final_estimator_'), stacked(c, model, raw)),
    classes: classesOf(model),
  }),
};

export const stackingRegressor: Compiler = {
  readsAny: true,
  predict: (c, model, _x, raw) => ({
    kind: 'regressor',
    ...regressionOf(c, model.child('final_estimator_'), stacked(c, model, raw)),
  }),
};
