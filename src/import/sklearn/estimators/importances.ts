import type { Fitted } from '../fitted/fitted.ts';
import { sklearnTree } from '../trees/sklearn-tree.ts';
import type { SklearnTree } from '../trees/sklearn-tree.ts';

/** `feature_importances_`, or the norms of `coef_`: what `SelectFromModel` compares. */
export function importances(estimator: Fitted, width: number): Float64Array {
  const model = estimator.has('best_estimator_') ? estimator.child('best_estimator_') : estimator;
  if (model.has('coef_')) {
    const coefficients = model.matrix('coef_');
    const sums = new Float64Array(coefficients.columns);
    coefficients.data.forEach(
      (v, i) =>
        (sums[i % coefficients.columns] = (sums[i % coefficients.columns] ?? 0) + Math.abs(v)),
    );
    return sums;
  }
  if (model.has('tree_')) return ofTree(sklearnTree(model, width), width);
  if (/^(RandomForest|ExtraTrees)/.test(model.type)) return ofForest(model, width);
  throw model.refusal(
    'its importances are not stored and cannot be recomputed',
    'select the columns before saving',
  );
}

/** The mean of the trees' importances, normalised (`sklearn/ensemble/_forest.py`). */
function ofForest(model: Fitted, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (const member of model.children('estimators_')) {
    const tree = sklearnTree(member, width);
    if (tree.size <= 1) continue;
    ofTree(tree, width).forEach((v, i) => (sums[i] = (sums[i] ?? 0) + v));
  }
  return normalised(sums);
}

/** The impurity that each feature's splits take away (`Tree.compute_feature_importances`). */
function ofTree(tree: SklearnTree, width: number): Float64Array {
  const found = new Float64Array(width);
  const weighted = (node: number) => (tree.weightedSamples[node] ?? 0) * (tree.impurity[node] ?? 0);
  for (let node = 0; node < tree.size; node += 1) {
    const left = tree.left[node] ?? -1;
    if (left < 0) continue;
    const feature = tree.feature[node] ?? 0;
    const gain = weighted(node) - weighted(left) - weighted(tree.right[node] ?? 0);
    found[feature] = (found[feature] ?? 0) + gain;
  }
  return normalised(found);
}

function normalised(values: Float64Array): Float64Array {
  const total = values.reduce((sum, v) => sum + v, 0);
  return total > 0 ? values.map((v) => v / total) : values;
}
