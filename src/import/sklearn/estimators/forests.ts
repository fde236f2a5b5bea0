import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { byProbabilities, pair } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Classes, Dense } from '../graph/values.ts';
import { proportions, sklearnTree, takesMissing } from '../trees/sklearn-tree.ts';
import type { SklearnTree } from '../trees/sklearn-tree.ts';
import { treeEnsemble } from '../trees/tree-ensemble.ts';

/** scikit-learn's trees see float32 and compare it with float64 thresholds; so does this. */
export function rounded({ e }: Compilation, x: Dense): Name {
  return e.cast(e.cast(x.name, 'float32'), 'float64');
}

function treesOf(model: Fitted, features: number): SklearnTree[] {
  const members = model.has('tree_') ? [model] : model.children('estimators_');
  if (members.length === 0) throw model.refusal('it has no trees');
  return members.map((member) => sklearnTree(member, features));
}

/**
 * Every leaf of every tree as a row index [N, trees] into a table: the operator's leaves hold one
 * number only, and a leaf of a forest holds one per class. Sums then run in float64 as sklearn's do.
 */
function leafRows(c: Compilation, x: Dense, trees: readonly SklearnTree[]) {
  const leaves: { tree: SklearnTree; node: number }[] = [];
  const found = treeEnsemble(c.e, rounded(c, x), trees, trees.length, (index, node) => {
    const tree = trees[index];
    if (tree) leaves.push({ tree, node });
    return { target: index, weight: leaves.length - 1 };
  });
  return { leaves, rows: c.e.cast(found, 'int64') };
}

/** The mean over trees of `width` numbers per leaf: [N, width]. */
function meanOfTable(c: Compilation, rows: Name, table: Float64Array, width: number): Name {
  const picked = c.e.op('Gather', [c.e.f64([table.length / width, width], table), rows], {
    axis: 0,
  });
  return c.e.op('ReduceMean', [picked, c.e.i64([1])], { keepdims: 0 });
}

function fill(width: number, leaves: readonly unknown[], write: (at: number) => ArrayLike<number>) {
  const table = new Float64Array(leaves.length * width);
  leaves.forEach((_, at) => table.set(write(at), at * width));
  return table;
}

/** `predict_proba` of trees and forests: the mean of the trees' proportions. */
export const forestClassifier: Compiler = {
  missing: takesMissing,
  predict(c, model, x) {
    const outputs = model.number('n_outputs_', 1);
    const trees = treesOf(model, x.width);
    const classes = outputs === 1 ? [model.classes()] : model.classLists();
    if (classes.length !== outputs || trees.some((tree) => tree.outputs !== outputs))
      throw model.refusal(`its trees do not have the ${outputs} outputs that it declares`);
    if (classes.some((one) => trees.some((tree) => tree.classes < one.values.length)))
      throw model.refusal('its trees have fewer classes than it declares');
    const [only] = classes;
    if (only && outputs === 1 && only.values.length === 2)
      return byProbabilities(c.e, only, binary(c, x, trees));
    const { leaves, rows } = leafRows(c, x, trees);
    const found = classes.map((one: Classes, output) => {
      const k = one.values.length;
      const table = fill(k, leaves, (at) => {
        const leaf = leaves[at];
        return leaf ? proportions(leaf.tree, leaf.node, output, k) : [];
      });
      return byProbabilities(c.e, one, meanOfTable(c, rows, table, k));
    });
    return found[0] && found.length === 1 ? found[0] : { kind: 'multi-classifier', outputs: found };
  },
};

/** Two classes: the second one's proportion is a plain sum. */
function binary(c: Compilation, x: Dense, trees: readonly SklearnTree[]): Name {
  const sum = treeEnsemble(c.e, rounded(c, x), trees, 1, (index, node) => {
    const tree = trees[index];
    return { target: 0, weight: tree ? (proportions(tree, node, 0, 2)[1] ?? 0) : 0 };
  });
  return pair(c.e, c.e.div(sum, c.e.scalar(trees.length)));
}

/** The mean of the trees' leaf values, one or several per row. */
export const forestRegressor: Compiler = {
  missing: takesMissing,
  predict(c, model, x) {
    const trees = treesOf(model, x.width);
    const width = model.number('n_outputs_', 1);
    if (trees.some((tree) => tree.outputs !== width))
      throw model.refusal(`its trees do not have the ${width} outputs that it declares`);
    if (width > 1) {
      const { leaves, rows } = leafRows(c, x, trees);
      const table = fill(width, leaves, (at) => {
        const leaf = leaves[at];
        return leaf ? leaf.tree.values.subarray(leaf.node * width, (leaf.node + 1) * width) : [];
      });
      return { kind: 'regressor', name: meanOfTable(c, rows, table, width), width };
    }
    const sum = treeEnsemble(c.e, rounded(c, x), trees, 1, (index, node) => ({
      target: 0,
      weight: trees[index]?.values[node] ?? 0,
    }));
    const name = trees.length === 1 ? sum : c.e.div(sum, c.e.scalar(trees.length));
    return { kind: 'regressor', name, width };
  },
};
