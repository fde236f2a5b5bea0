import type { Emitter, Name } from '../graph/emitter.ts';
import type { Tree } from './tree.ts';
import { treeEnsemble } from './tree-ensemble.ts';

/**
 * How many of its column's ascending bounds a value has reached: `searchsorted(bounds, x, 'right')` as
 * int64 [N, columns] of x [N, columns]. A balanced tree per column, where comparing with every bound would
 * take memory for all of them in each row. NaN has reached all.
 */
export function segments(e: Emitter, x: Name, columns: readonly ArrayLike<number>[]): Name {
  const trees = columns.map((bounds, column) => searchTree(bounds, column));
  const found = treeEnsemble(e, x, trees, columns.length, (column, node) => ({
    target: column,
    weight: trees[column]?.reached[node] ?? 0,
  }));
  return e.cast(found, 'int64');
}

interface SearchTree extends Tree {
  readonly reached: Float64Array;
}

function searchTree(bounds: ArrayLike<number>, column: number): SearchTree {
  const size = 2 * bounds.length + 1;
  const tree = {
    size,
    left: new Int32Array(size).fill(-1),
    right: new Int32Array(size).fill(-1),
    feature: new Int32Array(size).fill(column),
    threshold: new Float64Array(size),
    reached: new Float64Array(size),
    strict: true,
  };
  let next = 0;
  /** The bounds from `from` up to `to` are still to be told apart. */
  const grow = (from: number, to: number): number => {
    const node = next;
    next += 1;
    tree.reached[node] = from;
    if (from === to) return node;
    const middle = (from + to) >> 1;
    tree.threshold[node] = bounds[middle] ?? 0;
    tree.left[node] = grow(from, middle);
    tree.right[node] = grow(middle + 1, to);
    return node;
  };
  grow(0, bounds.length);
  return tree;
}
