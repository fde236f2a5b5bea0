import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Value } from '../graph/values.ts';
import { columnIndexes } from './column-indexes.ts';
import { columnSteps, namedSteps, weightsByName } from './composition-state.ts';

/** The steps of a `Pipeline` that do something. */
function stepsOf(model: Fitted): Fitted[] {
  return namedSteps(model, 'steps', 'pipeline step').flatMap(({ name, value }) => {
    if (value === 'passthrough') return [];
    if (value === 'drop') throw model.refusal(`its step ${name} is 'drop'`);
    return [value];
  });
}

/** `sklearn/pipeline.py`. Samplers of imbalanced-learn only act while fitting. */
export const pipeline: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const steps = stepsOf(model);
    const last = steps.at(-1);
    if (!last) throw model.refusal('it has no last step that predicts');
    const input = steps.slice(0, -1).reduce((value: Value, step) => c.transform(step, value), raw);
    return c.predict(last, input);
  },
  transform: (c, model, _x, raw) =>
    stepsOf(model).reduce((value: Value, step) => c.transform(step, value), raw),
};

function scaledBy(c: Compilation, value: Value, weight: number, model: Fitted): Value {
  if (weight === 1) return value;
  const x = c.dense(value, model);
  return { ...x, name: c.e.mul(x.name, c.e.scalar(weight)) };
}

export const featureUnion: Compiler = {
  readsAny: true,
  transform(c, model, _x, raw) {
    const weights = weightsByName(model);
    const parts = c.each(namedSteps(model, 'transformer_list', 'union part'), ({ name, value }) => {
      if (value === 'drop') return [];
      const part = value instanceof Object ? c.transform(value, raw) : raw;
      return [scaledBy(c, part, weights.get(name) ?? 1, model)];
    });
    return c.join(parts.flat(), model);
  },
};

/** `sklearn/compose/_column_transformer.py`: each transformer reads its own columns of the frame. */
export const columnTransformer: Compiler = {
  readsAny: true,
  transform(c, model, _x, raw) {
    const weights = weightsByName(model);
    const width = raw.kind === 'columns' ? raw.columns.length : raw.width;
    const parts = c.each(columnSteps(model), ({ name, value, columns }) => {
      if (value === 'drop') return [];
      const indexes = columnIndexes(model, name, columns, width);
      if (indexes.length === 0) return [];
      const own = c.choose(raw, indexes);
      const part = value instanceof Object ? c.transform(value, own) : own;
      return [scaledBy(c, part, weights.get(name) ?? 1, model)];
    });
    if (parts.flat().length === 0) throw model.refusal('it gives no columns at all');
    return c.join(parts.flat(), model);
  },
};

/** Searches predict with the best estimator, refitted. */
export const search: Compiler = {
  readsAny: true,
  predict: (c, model, _x, raw) => c.predict(best(model), raw),
  transform: (c, model, _x, raw) => c.transform(best(model), raw),
};

function best(model: Fitted): Fitted {
  if (!model.has('best_estimator_'))
    throw model.refusal('it was not refitted', 'fit with refit=True, or save best_estimator_');
  return model.child('best_estimator_');
}
