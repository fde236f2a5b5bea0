import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import {
  byProbabilities,
  byScores,
  normalised,
  oneHot,
  overThreshold,
  pair,
  positive,
} from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Classifier, Value } from '../graph/values.ts';
import { pairsOf } from './pairwise-coupling.ts';
import { oneVersusRestScores } from './support-vectors.ts';

/** A member that must be a classifier with one label. */
export function classifierOf(c: Compilation, member: Fitted, x: Value): Classifier {
  const found = c.predict(member, x);
  if (found.kind === 'classifier') return found;
  throw member.refusal(`it is a ${found.kind} where a classifier is needed`);
}

export function probabilitiesOf(c: Compilation, member: Fitted, x: Value): Name {
  const found = classifierOf(c, member, x);
  if (found.probabilities !== undefined) return found.probabilities;
  throw member.refusal('it has no predict_proba', 'fit it with probabilities, or vote by label');
}

/** Σ weight · part / Σ weight. */
export function average(c: Compilation, parts: readonly Name[], weights: readonly number[]): Name {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const weighted = parts.map((part, i) =>
    weights[i] === 1 ? part : c.e.mul(part, c.e.scalar(weights[i] ?? 0)),
  );
  return c.e.div(
    weighted.reduce((sum, part) => c.e.add(sum, part)),
    c.e.scalar(total),
  );
}

export function weightsOf(model: Fitted, count: number): readonly number[] {
  if (!model.has('weights')) return Array.from({ length: count }, () => 1);
  return [...model.vector('weights', count)];
}

/** `sklearn/ensemble/_voting.py`. Members know classes by number. */
export const votingClassifier: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const members = model.children('estimators_');
    const classes = model.classes();
    const k = classes.values.length;
    const soft = model.text('voting', 'hard') === 'soft';
    const parts = c.each(members, (member) =>
      soft ? probabilitiesOf(c, member, raw) : oneHot(c.e, classifierOf(c, member, raw).index, k),
    );
    const votes = average(c, parts, weightsOf(model, members.length));
    if (soft) return byProbabilities(c.e, classes, votes);
    return { kind: 'classifier', classes, index: c.e.argmax(votes) };
  },
};

/** A binary member: its decision, or the probability of its second class and where that tips. */
function binaryConfidence(c: Compilation, member: Fitted, x: Value) {
  const found = classifierOf(c, member, x);
  if (found.scores !== undefined && found.scoreWidth === 1)
    return { found, score: found.scores, tips: 0 };
  if (found.probabilities === undefined)
    throw member.refusal('it has neither scores nor probabilities');
  return { found, score: positive(c.e, found.probabilities), tips: 0.5 };
}

/** `sklearn/multiclass.py`, one classifier per class. */
export const oneVersusRest: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const { e } = c;
    const members = model.children('estimators_');
    const binarizer = model.child('label_binarizer_');
    const classes = binarizer.classes();
    if (binarizer.text('y_type_', '').startsWith('multilabel'))
      return severalLabels(c, members, raw);
    const parts = c.each(members, (member) => {
      if (member.type === '_ConstantPredictor')
        throw member.refusal('a class that was always or never there is not proven');
      return binaryConfidence(c, member, raw);
    });
    const scores = e.concat(parts.map((part) => part.score));
    const decided = byScores(e, classes, scores, parts.length);
    const single =
      parts.length === 1 && parts[0] ? overThreshold(e, scores, parts[0].tips) : undefined;
    const found = single === undefined ? decided : { ...decided, index: single };
    const { scores: _, scoreWidth: __, ...bare } = found;
    const outcome = parts.every((part) => part.tips === 0) ? found : bare;
    const all = parts.flatMap((part) => part.found.probabilities ?? []);
    if (all.length < parts.length) return outcome;
    const p = e.concat(all.map((one) => positive(e, one)));
    return { ...outcome, probabilities: all.length === 1 ? pair(e, p) : normalised(e, p) };
  },
};

function severalLabels(c: Compilation, members: readonly Fitted[], raw: Value) {
  const classes = { type: 'int64' as const, values: [0, 1] };
  const outputs = c.each(members, (member) => ({ ...classifierOf(c, member, raw), classes }));
  return { kind: 'multi-classifier' as const, outputs };
}

/** One classifier per pair of classes; `_ovr_decision_function` settles the votes. */
export const oneVersusOne: Compiler = {
  readsAny: true,
  predict(c, model, _x, raw) {
    const { e } = c;
    const classes = model.classes();
    const k = classes.values.length;
    const pairs = pairsOf(k);
    const members = model.children('estimators_');
    if (members.length !== pairs.length)
      throw model.refusal(`it has ${members.length} members for ${k} classes`);
    if (model.has('pairwise_indices_'))
      throw model.refusal('precomputed kernels are not supported');
    const parts = c.each(members, (member) => binaryConfidence(c, member, raw));
    const second = e.concat(
      parts.map((part) => e.cast(e.unsqueeze(part.found.index, 1), 'float64')),
    );
    const confidence = e.concat(parts.map((part) => part.score));
    if (k === 2) {
      const both = oneVersusRestScores(c, second, confidence, pairs, k);
      const scores = e.column(both, 1);
      // Until 1.0 the vote and its confidence together were compared with 0, also where they are probabilities.
      const index = model.versionAtLeast(1, 1)
        ? overThreshold(e, confidence, parts[0]?.tips ?? 0)
        : overThreshold(e, scores);
      return { kind: 'classifier', classes, index, scores, scoreWidth: 1 };
    }
    const scores = oneVersusRestScores(c, second, confidence, pairs, k);
    return { kind: 'classifier', classes, index: e.argmax(scores), scores, scoreWidth: k };
  },
};
