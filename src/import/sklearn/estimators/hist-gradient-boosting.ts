import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Table } from '../fitted/table.ts';
import { overThreshold, pair, softmax } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Dense, Value } from '../graph/values.ts';
import { columnSteps } from './composition-state.ts';
import { treeProblem } from '../trees/tree.ts';
import type { Tree } from '../trees/tree.ts';
import { treeEnsemble } from '../trees/tree-ensemble.ts';

interface ValuedTree extends Tree {
  readonly value: Float64Array;
}

/** Which features are categorical, and the categories that were seen of each, in the binned order. */
function categoriesOf(model: Fitted): (readonly number[] | undefined)[] {
  const flags = model.has('_is_categorical_remapped')
    ? '_is_categorical_remapped'
    : 'is_categorical_';
  if (!model.has(flags)) return [];
  const categorical = model.flags(flags);
  const thresholds = model
    .child('_bin_mapper')
    .vectors('bin_thresholds_', categorical.length, false);
  return categorical.map((is, i) => (is ? [...(thresholds[i] ?? [])] : undefined));
}

/** A `TreePredictor` (`sklearn/ensemble/_hist_gradient_boosting/predictor.py`). */
function predictorTree(
  predictor: Fitted,
  features: number,
  categories: (readonly number[] | undefined)[],
): ValuedTree {
  const nodes = predictor.table('nodes');
  const leaf = nodes.column('is_leaf');
  const children = (side: 'left' | 'right') =>
    Int32Array.from(nodes.column(side), (child, i) => (leaf[i] ? -1 : child));
  const tree: ValuedTree = {
    size: nodes.length,
    left: children('left'),
    right: children('right'),
    feature: Int32Array.from(nodes.column('feature_idx')),
    threshold: nodes.column(nodes.has('num_threshold') ? 'num_threshold' : 'threshold'),
    missingLeft: Uint8Array.from(nodes.column('missing_go_to_left')),
    value: nodes.column('value'),
    ...(nodes.has('is_categorical') && { categories: splits(predictor, nodes, categories) }),
  };
  const problem = treeProblem(tree, features);
  if (problem !== undefined) throw predictor.refusal(problem);
  return tree;
}

/**
 * A split by category goes left for the categories in its bitset. Unknown, negative and missing ones
 * go where missing ones go: where that is left, the known others are tested for instead.
 */
function splits(predictor: Fitted, nodes: Table, known: (readonly number[] | undefined)[]) {
  const categorical = nodes.column('is_categorical');
  if (!categorical.includes(1)) return () => undefined;
  const bitset = nodes.column('bitset_idx');
  const feature = nodes.column('feature_idx');
  const missingLeft = nodes.column('missing_go_to_left');
  const { shape, data } = predictor.tensor('raw_left_cat_bitsets');
  if (shape[1] !== 8) throw predictor.refusal('its category sets do not have 256 bits');
  return (node: number) => {
    if (!categorical[node]) return undefined;
    const row = bitset[node] ?? 0;
    if (row >= (shape[0] ?? 0)) throw predictor.refusal(`node ${node} has no category set`);
    const isLeft = (v: number) => (((data[row * 8 + (v >> 5)] ?? 0) >>> (v & 31)) & 1) === 1;
    const all = Array.from({ length: 256 }, (_, v) => v);
    const swapped = missingLeft[node] === 1;
    const members = swapped
      ? (known[feature[node] ?? 0] ?? []).filter((v) => !isLeft(v))
      : all.filter(isLeft);
    return { members, swapped };
  };
}

/** Since 1.4 an encoder may stand in front, which also puts the categorical features first. */
function preprocessed(c: Compilation, model: Fitted, raw: Value): Dense {
  if (!model.has('_preprocessor')) return c.dense(raw, model);
  const steps = model.child('_preprocessor');
  const flags = model.flags('is_categorical_');
  const columns = c.columns(raw);
  if (columns.length !== flags.length)
    throw model.refusal(`it was fitted on ${flags.length} columns and gets ${columns.length}`);
  const encoder = columnSteps(steps)
    .map((step) => step.value)
    .find((value) => typeof value === 'object' && value.type === 'OrdinalEncoder');
  const words = columns.filter((_, i) => flags[i]);
  const encoded =
    typeof encoder === 'object'
      ? c.dense(c.transform(encoder, { kind: 'columns', columns: words }), model)
      : undefined;
  const numbers = { kind: 'columns' as const, columns: columns.filter((_, i) => !flags[i]) };
  const rest = numbers.columns.length > 0 ? c.dense(numbers, model) : undefined;
  const parts = [encoded, rest].flatMap((part) => (part ? [part.name] : []));
  return { kind: 'dense', name: c.e.concat(parts), width: columns.length };
}

/** Categories are cast to uint8, so a fraction is cut off. */
function cutCategories(c: Compilation, x: Dense, categories: readonly unknown[]): Name {
  const mask = Array.from({ length: x.width }, (_, i) => categories[i] !== undefined);
  if (!mask.includes(true)) return x.name;
  const { e } = c;
  return e.where(e.bools([1, x.width], mask), e.op('Floor', [x.name]), x.name);
}

function boosted(c: Compilation, model: Fitted, raw: Value) {
  const x = preprocessed(c, model, raw);
  model.expectWidth(x.width);
  const categories = categoriesOf(model);
  const k = model.number('n_trees_per_iteration_');
  const iterations = model.nested('_predictors');
  if (iterations.some((iteration) => iteration.length !== k))
    throw model.refusal(`an iteration does not have the ${k} trees that it declares`);
  const trees = iterations.flat().map((one) => predictorTree(one, x.width, categories));
  const sum = treeEnsemble(c.e, cutCategories(c, x, categories), trees, k, (index, node) => ({
    target: index % k,
    weight: trees[index]?.value[node] ?? 0,
  }));
  return { name: c.e.add(sum, c.e.row(model.vector('_baseline_prediction', k))), k };
}

export const histGradientBoostingRegressor: Compiler = {
  readsAny: true,
  missing: 'accepts',
  predict(c, model, _x, raw) {
    const { name, k } = boosted(c, model, raw);
    const log = ['poisson', 'gamma'].includes(model.text('loss', 'squared_error'));
    return { kind: 'regressor', name: log ? c.e.op('Exp', [name]) : name, width: k };
  },
};

export const histGradientBoostingClassifier: Compiler = {
  readsAny: true,
  missing: 'accepts',
  predict(c, model, _x, raw) {
    const { e } = c;
    const classes = model.classes();
    const { name: scores, k } = boosted(c, model, raw);
    if (k !== (classes.values.length === 2 ? 1 : classes.values.length))
      throw model.refusal(`it has ${k} trees per iteration for ${classes.values.length} classes`);
    const probabilities = k === 1 ? pair(e, e.op('Sigmoid', [scores])) : softmax(e, scores);
    const index = k === 1 ? overThreshold(e, scores) : e.argmax(scores);
    return { kind: 'classifier', classes, index, probabilities, scores, scoreWidth: k };
  },
};
