import type { Fitted } from '../fitted/fitted.ts';
import type { Tree } from './tree.ts';
import { treeProblem } from './tree.ts';

/** A fitted tree of `sklearn.tree`, with its values and the counts that importances need. */
export interface SklearnTree extends Tree {
  /** [size, outputs, classes]: counts until 1.2, proportions since; a mean for a regressor. */
  readonly values: Float64Array;
  readonly outputs: number;
  readonly classes: number;
  readonly samples: Float64Array;
  readonly weightedSamples: Float64Array;
  readonly impurity: Float64Array;
}

/** Reads `tree_` of a `DecisionTree…` or `ExtraTree…` (`sklearn/tree/_tree.pyx`, `Tree.__getstate__`). */
export function sklearnTree(model: Fitted, features: number): SklearnTree {
  const state = model.child('tree_');
  const nodes = state.table('nodes');
  const size = nodes.length;
  const { shape, data } = state.tensor('values');
  const [rows, outputs = 1, classes = 1] = shape;
  if (rows !== size) throw model.refusal(`its tree has ${size} nodes and ${rows} values`);
  const tree: SklearnTree = {
    size,
    left: Int32Array.from(nodes.column('left_child')),
    right: Int32Array.from(nodes.column('right_child')),
    feature: Int32Array.from(nodes.column('feature')),
    threshold: nodes.column('threshold'),
    missingLeft: nodes.has('missing_go_to_left')
      ? Uint8Array.from(nodes.column('missing_go_to_left'))
      : undefined,
    values: data,
    outputs,
    classes,
    samples: nodes.column('n_node_samples'),
    weightedSamples: nodes.column('weighted_n_node_samples'),
    impurity: nodes.column('impurity'),
  };
  const problem = treeProblem(tree, features);
  if (problem !== undefined) throw model.refusal(problem);
  return tree;
}

/** The class proportions of a node for one output; all zero where the counts are. */
export function proportions(tree: SklearnTree, node: number, output: number, k: number) {
  const from = (node * tree.outputs + output) * tree.classes;
  const counts = tree.values.subarray(from, from + k);
  const total = counts.reduce((sum, v) => sum + v, 0);
  return counts.map((v) => (total === 0 ? 0 : v / total));
}

/** Missing values are known to trees since 1.3 and to those with random splits since 1.6. */
export function takesMissing(model: Fitted): boolean {
  const random = model.type.startsWith('Extra');
  return model.versionAtLeast(1, random ? 6 : model.type.startsWith('Random') ? 4 : 3);
}
