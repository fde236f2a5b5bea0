/** A binary tree of decisions: `feature <= threshold` goes left. */
export interface Tree {
  readonly size: number;
  /** -1 for a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  /** 1 where NaN goes left; absent where NaN goes right, as a comparison with it does. */
  readonly missingLeft?: Uint8Array | undefined;
  /** For a split by membership: which values go left, or, `swapped`, which go right. */
  readonly categories?: (node: number) => CategorySplit | undefined;
  /** `feature < threshold` goes left. */
  readonly strict?: boolean;
}

export interface CategorySplit {
  readonly members: readonly number[];
  readonly swapped: boolean;
}

/**
 * Checks what the runtime must never see wrong: children in range, every node reached once (so there
 * is neither a cycle nor a shared branch), features in range, thresholds that are numbers.
 * Gives the reason of a refusal, or undefined.
 */
export function treeProblem(tree: Tree, features: number): string | undefined {
  if (tree.size === 0) return 'a tree has no nodes';
  const seen = new Uint8Array(tree.size);
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen[node]) return `node ${node} of a tree is reached twice`;
    seen[node] = 1;
    const left = tree.left[node] ?? -1;
    if (left === -1) continue;
    const right = tree.right[node] ?? -1;
    for (const child of [left, right])
      if (child < 0 || child >= tree.size) return `node ${node} of a tree has the child ${child}`;
    const feature = tree.feature[node] ?? -1;
    if (feature < 0 || feature >= features)
      return `node ${node} of a tree reads feature ${feature} of ${features}`;
    if (Number.isNaN(tree.threshold[node])) return `node ${node} of a tree has the threshold NaN`;
    stack.push(left, right);
  }
  return undefined;
}
