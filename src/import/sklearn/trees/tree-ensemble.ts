import type { Emitter, Name } from '../graph/emitter.ts';
import type { Tree } from './tree.ts';

/** What a leaf adds: `weight` to column `target`. */
export type LeafWriter = (tree: number, node: number) => { target: number; weight: number };

/** `nodes_modes` of TreeEnsemble, ai.onnx.ml 5 (onnx/docs/Operators-ml.md). */
const modes = { lessOrEqual: 0, less: 1, member: 6 } as const;

/** Node and leaf columns of one operator, filled tree by tree. */
class Arrays {
  readonly roots: number[] = [];
  readonly feature: number[] = [];
  readonly mode: number[] = [];
  readonly split: number[] = [];
  readonly missing: number[] = [];
  readonly trueIsLeaf: number[] = [];
  readonly trueId: number[] = [];
  readonly falseIsLeaf: number[] = [];
  readonly falseId: number[] = [];
  readonly target: number[] = [];
  readonly weight: number[] = [];
  /** Sets of categories, each closed by a NaN, in the order of the nodes. */
  readonly members: number[] = [];
}

/**
 * A sum of trees in float64 [N, targets]: `TreeEnsemble` of ai.onnx.ml 5, whose leaves add one weight
 * to one target. Trees must have passed `treeProblem`.
 */
export function treeEnsemble(
  e: Emitter,
  x: Name,
  trees: readonly Tree[],
  targets: number,
  leaf: LeafWriter,
): Name {
  const arrays = new Arrays();
  trees.forEach((tree, index) => addTree(arrays, tree, (node) => leaf(index, node)));
  const missing = arrays.missing.includes(1);
  const members = Float64Array.from(arrays.members);
  return e.ml('TreeEnsemble', [x], {
    n_targets: targets,
    aggregate_function: 1,
    post_transform: 0,
    tree_roots: arrays.roots,
    nodes_featureids: arrays.feature,
    nodes_modes: { tensor: e.tensor('uint8', Uint8Array.from(arrays.mode)) },
    nodes_splits: { tensor: e.tensor('float64', Float64Array.from(arrays.split)) },
    nodes_trueleafs: arrays.trueIsLeaf,
    nodes_truenodeids: arrays.trueId,
    nodes_falseleafs: arrays.falseIsLeaf,
    nodes_falsenodeids: arrays.falseId,
    leaf_targetids: arrays.target,
    leaf_weights: { tensor: e.tensor('float64', Float64Array.from(arrays.weight)) },
    ...(missing && { nodes_missing_value_tracks_true: arrays.missing }),
    ...(members.length > 0 && { membership_values: { tensor: e.tensor('float64', members) } }),
  });
}

function addTree(
  to: Arrays,
  tree: Tree,
  leaf: (node: number) => { target: number; weight: number },
) {
  const leafId = (node: number): number => {
    const { target, weight } = leaf(node);
    to.target.push(target);
    return to.weight.push(weight) - 1;
  };
  to.roots.push(to.feature.length);
  if ((tree.left[0] ?? -1) < 0) {
    addLoneLeaf(to, leafId(0));
    return;
  }
  const inner = innerNodes(tree);
  const place = new Int32Array(tree.size).fill(-1);
  inner.forEach((node, i) => (place[node] = to.feature.length + i));
  for (const node of inner) {
    const category = tree.categories?.(node);
    const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0];
    const [yes, no] = category?.swapped ? [right, left] : [left, right];
    to.feature.push(tree.feature[node] ?? 0);
    to.mode.push(category ? modes.member : tree.strict ? modes.less : modes.lessOrEqual);
    to.split.push(category ? 0 : (tree.threshold[node] ?? 0));
    to.missing.push(category ? 0 : (tree.missingLeft?.[node] ?? 0));
    for (const member of category?.members ?? []) to.members.push(member);
    if (category) to.members.push(Number.NaN);
    const yesInner = place[yes] ?? -1;
    to.trueIsLeaf.push(yesInner < 0 ? 1 : 0);
    to.trueId.push(yesInner < 0 ? leafId(yes) : yesInner);
    const noInner = place[no] ?? -1;
    to.falseIsLeaf.push(noInner < 0 ? 1 : 0);
    to.falseId.push(noInner < 0 ? leafId(no) : noInner);
  }
}

/** The operator has no tree that is only a leaf: a decision both of whose ways lead there. */
function addLoneLeaf(to: Arrays, id: number): void {
  to.feature.push(0);
  to.mode.push(modes.lessOrEqual);
  to.split.push(0);
  to.missing.push(0);
  to.trueIsLeaf.push(1);
  to.trueId.push(id);
  to.falseIsLeaf.push(1);
  to.falseId.push(id);
}

/** The inner nodes, parents before children. */
function innerNodes(tree: Tree): number[] {
  const order: number[] = [];
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const left = tree.left[node] ?? -1;
    if (left < 0) continue;
    order.push(node);
    stack.push(tree.right[node] ?? 0, left);
  }
  return order;
}
