import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { oneHot, overThreshold, softmax } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Value } from '../graph/values.ts';
import { classifierOf, probabilitiesOf } from './meta-classifiers.ts';

/**
 * SAMME.R, gone since 1.6: (K - 1)(log p - mean log p). SAMME: the member's weight for its class, and,
 * since 1.3, minus weight / (K - 1) for the others (`sklearn/ensemble/_weight_boosting.py`).
 */
function contribution(
  c: Compilation,
  model: Fitted,
  member: Fitted,
  raw: Value,
  k: number,
  weight: number,
): Name {
  const { e } = c;
  if (model.text('algorithm', 'SAMME') === 'SAMME.R') {
    const p = e.op('Max', [probabilitiesOf(c, member, raw), e.scalar(Number.EPSILON)]);
    const log = e.op('Log', [p]);
    const mean = e.op('ReduceMean', [log, e.i64([1])], { keepdims: 1 });
    return e.mul(e.scalar(k - 1), e.sub(log, mean));
  }
  const hot = oneHot(e, classifierOf(c, member, raw).index, k);
  if (!model.versionAtLeast(1, 3)) return e.mul(hot, e.scalar(weight));
  const other = -weight / (k - 1);
  return e.add(e.mul(hot, e.scalar(weight - other)), e.scalar(other));
}

export const adaBoostClassifier: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const { e } = c;
    const classes = model.classes();
    const k = classes.values.length;
    const members = model.children('estimators_');
    const weights = model.vector('estimator_weights_').slice(0, members.length);
    if (weights.length < members.length) throw model.refusal('it has fewer weights than members');
    const parts = c.each(members, (member, i) =>
      contribution(c, model, member, raw, k, weights[i] ?? 0),
    );
    const total = weights.reduce((sum, w) => sum + w, 0);
    const decision = e.div(
      parts.reduce((sum, part) => e.add(sum, part)),
      e.scalar(total),
    );
    if (k > 2) {
      const probabilities = softmax(e, e.div(decision, e.scalar(k - 1)));
      return {
        kind: 'classifier',
        classes,
        index: e.argmax(decision),
        probabilities,
        scores: decision,
        scoreWidth: k,
      };
    }
    const scores = e.sub(e.column(decision, 1), e.column(decision, 0));
    const half = e.div(scores, e.scalar(2));
    const probabilities = softmax(e, e.concat([e.neg(half), half]));
    return {
      kind: 'classifier',
      classes,
      index: overThreshold(e, scores),
      probabilities,
      scores,
      scoreWidth: 1,
    };
  },
};
