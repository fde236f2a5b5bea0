import type { Compilation, Compiler } from '../compilation.ts';
import type { Name } from '../graph/emitter.ts';
import { sklearnTree } from '../trees/sklearn-tree.ts';
import type { SklearnTree } from '../trees/sklearn-tree.ts';
import { treeEnsemble } from '../trees/tree-ensemble.ts';
import { rounded } from './forests.ts';

const euler = 0.5772156649015329;

/** The mean path length of an unsuccessful search in a tree of n points (`_average_path_length`, `_iforest.py`). */
function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + euler) - (2 * (n - 1)) / n;
}

/** Each leaf's depth plus what the points in it would still need. */
function pathLengths(tree: SklearnTree): Float64Array {
  const depth = new Float64Array(tree.size);
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const left = tree.left[node] ?? -1;
    if (left < 0) continue;
    for (const child of [left, tree.right[node] ?? 0]) {
      depth[child] = (depth[node] ?? 0) + 1;
      stack.push(child);
    }
  }
  return depth.map((d, node) => d + averagePathLength(tree.samples[node] ?? 0));
}

/** score = -2^(-Σ path / (trees · c(max_samples))); an outlier is below `offset_`. */
export const isolationForest: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const members = model.children('estimators_');
    const features = model.vectors('estimators_features_', members.length);
    const trees = members.map((member, i) => {
      const own = features[i] ?? new Float64Array();
      const tree = sklearnTree(member, own.length);
      return { ...tree, feature: tree.feature.map((f) => (f < 0 ? 0 : (own[f] ?? 0))) };
    });
    if (features.some((own) => own.some((f) => !Number.isInteger(f) || f < 0 || f >= x.width)))
      throw model.refusal('estimators_features_ names a feature that does not exist');
    const lengths = trees.map(pathLengths);
    const sum = treeEnsemble(e, rounded(c, x), trees, 1, (tree, node) => ({
      target: 0,
      weight: lengths[tree]?.[node] ?? 0,
    }));
    const samples = model.number(model.has('_max_samples') ? '_max_samples' : 'max_samples_');
    const denominator = trees.length * averagePathLength(samples);
    const exponent =
      denominator === 0 ? e.mul(sum, e.scalar(0)) : e.div(sum, e.scalar(-denominator));
    const score = e.neg(e.op('Pow', [e.scalar(2), exponent]));
    return outliers(c, e.sub(score, e.scalar(model.number('offset_'))));
  },
};

/** -1 below zero, 1 otherwise. */
export function outliers({ e }: Compilation, scores: Name, zeroIsInlier = true) {
  const type = zeroIsInlier ? 'GreaterOrEqual' : 'Greater';
  const inlier = e.op(type, [e.vector(scores), e.scalar(0)]);
  const label = e.where(inlier, e.i64([1], []), e.i64([-1], []));
  return { kind: 'outlier-detector' as const, label, scores, scoreWidth: 1 };
}
