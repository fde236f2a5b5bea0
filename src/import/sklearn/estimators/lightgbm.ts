import { PyBytes } from '../records.ts';
import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { byProbabilities, pair, softmax } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Classes, Dense } from '../graph/values.ts';
import { readTextModel } from '../lightgbm/text-model.ts';
import type { LgbTree, TextModel } from '../lightgbm/text-model.ts';
import { treeEnsemble } from '../trees/tree-ensemble.ts';

/** The text of a booster: its state in a pickle, or the file itself. */
function textModel(model: Fitted): TextModel {
  const booster = model.has('_Booster') ? model.child('_Booster') : model;
  const name = booster.has('handle') ? 'handle' : '_handle';
  const handle = booster.raw(name);
  const text =
    handle instanceof PyBytes ? new TextDecoder().decode(handle.data) : booster.text(name);
  return readTextModel(booster, text);
}

/** Zeros that mean missing become NaN; categories are cut to integers, as a cast to int does. */
function prepared({ e }: Compilation, x: Dense, found: TextModel): Name {
  const zero = Array.from({ length: x.width }, (_, i) => found.zeroIsMissing.has(i));
  const categorical = Array.from({ length: x.width }, () => false);
  for (const tree of found.trees)
    for (let node = 0; tree.categories && node < tree.size; node += 1)
      if (tree.categories(node)) categorical[tree.feature[node] ?? 0] = true;
  let name = x.name;
  if (zero.includes(true)) {
    const isZero = e.op('LessOrEqual', [e.op('Abs', [name]), e.scalar(1e-35)]);
    const missing = e.op('And', [isZero, e.bools([1, x.width], zero)]);
    name = e.where(missing, e.scalar(Number.NaN), name);
  }
  if (categorical.includes(true))
    name = e.where(e.bools([1, x.width], categorical), e.op('Floor', [name]), name);
  return name;
}

/** The trees up to the best iteration, summed or, of a random forest, averaged: [N, trees per iteration]. */
function raw(c: Compilation, model: Fitted, x: Dense, found: TextModel): Name {
  const { e } = c;
  const k = found.treesPerIteration;
  if (found.features !== x.width)
    throw model.refusal(`its booster reads ${found.features} features and gets ${x.width}`);
  const booster = model.has('_Booster') ? model.child('_Booster') : model;
  const best = booster.number('best_iteration', -1);
  const trees: readonly LgbTree[] = best > 0 ? found.trees.slice(0, best * k) : found.trees;
  if (trees.length === 0 || trees.length % k !== 0)
    throw model.refusal('its trees do not fill whole iterations');
  const sum = treeEnsemble(e, prepared(c, x, found), trees, k, (index, node) => ({
    target: index % k,
    weight: trees[index]?.value[node] ?? 0,
  }));
  return found.averaged ? e.div(sum, e.scalar(trees.length / k)) : sum;
}

function sigmoid({ e }: Compilation, objective: string, scores: Name): Name {
  const [, factor = '1'] = /\bsigmoid:([\d.eE+-]+)/.exec(objective) ?? [];
  return e.op('Sigmoid', [Number(factor) === 1 ? scores : e.mul(scores, e.scalar(Number(factor)))]);
}

function classesOf(model: Fitted, count: number): Classes {
  if (model.has('_classes') || model.has('classes_')) return model.classes();
  return { type: 'int64', values: Array.from({ length: count }, (_, i) => i) };
}

const inputOf = (model: Fitted) => {
  const { features, featureNames } = textModel(model);
  const generated = featureNames.every((name, i) => name === `Column_${i}`);
  return {
    width: features,
    ...(featureNames.length === features && !generated && { names: featureNames }),
  };
};

export const lgbClassifier: Compiler = {
  missing: 'accepts',
  input: inputOf,
  predict(c, model, x) {
    const { e } = c;
    const found = textModel(model);
    const mean = raw(c, model, x, found);
    const [name] = found.objective.split(' ');
    if (name === 'binary' && found.treesPerIteration === 1)
      return byProbabilities(e, classesOf(model, 2), pair(e, sigmoid(c, found.objective, mean)));
    const classes = classesOf(model, found.classes);
    if (
      classes.values.length !== found.treesPerIteration ||
      (name !== 'multiclass' && name !== 'multiclassova')
    )
      throw model.refusal(`the objective ${found.objective} does not fit its classes`);
    const p = name === 'multiclass' ? softmax(e, mean) : sigmoid(c, found.objective, mean);
    return byProbabilities(e, classes, p);
  },
};

const exponential = new Set(['poisson', 'gamma', 'tweedie']);
const plain = new Set([
  'regression',
  'regression_l1',
  'regression_l2',
  'huber',
  'fair',
  'quantile',
  'mape',
  'lambdarank',
  'rank_xendcg',
]);

export const lgbRegressor: Compiler = {
  missing: 'accepts',
  input: inputOf,
  predict(c, model, x) {
    const found = textModel(model);
    const [name = '', ...options] = found.objective.split(' ');
    const sum = raw(c, model, x, found);
    const result = { kind: 'regressor' as const, width: found.treesPerIteration };
    if (exponential.has(name)) return { ...result, name: c.e.op('Exp', [sum]) };
    if (!plain.has(name)) throw model.refusal(`the objective ${found.objective} is not supported`);
    if (!options.includes('sqrt')) return { ...result, name: sum };
    return { ...result, name: c.e.mul(c.e.op('Sign', [sum]), c.e.mul(sum, sum)) };
  },
};

/** A bare booster, or a file of its own: what it is, its objective says. */
export const lgbBooster: Compiler = {
  missing: 'accepts',
  input: inputOf,
  predict(c, model, x, value) {
    const classifies = /^(?:binary|multiclass)/.test(textModel(model).objective);
    const compiler = classifies ? lgbClassifier : lgbRegressor;
    if (!compiler.predict) throw new TypeError('both predict');
    return compiler.predict(c, model, x, value);
  },
};
