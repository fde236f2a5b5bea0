import type { Fitted } from '../fitted/fitted.ts';
import type { Emitter, Name } from './emitter.ts';
import type { Classes, Classifier } from './values.ts';

/** [1 - p, p] of p [N, 1]. */
export function pair(e: Emitter, p: Name): Name {
  return e.concat([e.sub(e.scalar(1), p), p]);
}

/** Rows divided by their sums. */
export function normalised(e: Emitter, p: Name): Name {
  return e.div(p, e.sum(p));
}

export function softmax(e: Emitter, scores: Name): Name {
  return e.op('Softmax', [scores], { axis: 1 });
}

/** 1 where the score [N, 1] is over `threshold` (or equal to it), as int64 [N]. */
export function overThreshold(e: Emitter, score: Name, threshold = 0, orEqual = false): Name {
  const over = e.op(orEqual ? 'GreaterOrEqual' : 'Greater', [e.vector(score), e.scalar(threshold)]);
  return e.cast(over, 'int64');
}

/** int64 [N] as float64 [N, k] with a 1 in the column of each row's index. */
export function oneHot(e: Emitter, index: Name, k: number): Name {
  const columns = e.i64(
    Array.from({ length: k }, (_, i) => i),
    [1, k],
  );
  return e.cast(e.op('Equal', [e.unsqueeze(index, 1), columns]), 'float64');
}

/** A classifier that decides by its decision function, as `LinearClassifierMixin.predict` does. */
export function byScores(e: Emitter, classes: Classes, scores: Name, width: number): Classifier {
  const index = width === 1 ? overThreshold(e, scores) : e.argmax(scores);
  return { kind: 'classifier', classes, index, scores, scoreWidth: width };
}

/** A classifier that decides by the largest probability. */
export function byProbabilities(e: Emitter, classes: Classes, probabilities: Name): Classifier {
  return { kind: 'classifier', classes, index: e.argmax(probabilities), probabilities };
}

/** The number of decision columns that `classes` need: one for two classes. */
export function expectScores(estimator: Fitted, classes: Classes, width: number): void {
  const k = classes.values.length;
  if (width === k || (k === 2 && width === 1)) return;
  throw estimator.refusal(`it has ${width} rows of coefficients for ${k} classes`);
}

/** The probability of the second class [N, 1]: what sklearn's ensembles read of a binary classifier. */
export function positive(e: Emitter, probabilities: Name): Name {
  return e.column(probabilities, 1);
}
