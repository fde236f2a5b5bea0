import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { byScores, expectScores, normalised, pair, softmax } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Classifier, Dense, Value } from '../graph/values.ts';
import { decision } from './linear.ts';

/** The decision function and the label that follows from it (`LinearClassifierMixin`). */
function decided(c: Compilation, model: Fitted, x: Dense, raw: Value) {
  const { name: scores, width } = decision(c, model, x, raw);
  const classes = model.classes();
  expectScores(model, classes, width);
  return { scores, width, outcome: byScores(c.e, classes, scores, width) };
}

/** Perceptron, passive-aggressive, LinearSVC and ridge classifiers have no probabilities. */
export const linearClassifier: Compiler = {
  readsSparse: true,
  predict: (c, model, x, raw) => decided(c, model, x, raw).outcome,
};

/** `_predict_proba_lr`: the logistic function of each score, normalised over three classes or more. */
function oneVersusRest(c: Compilation, scores: Name, width: number): Name {
  const p = c.e.op('Sigmoid', [scores]);
  return width === 1 ? pair(c.e, p) : normalised(c.e, p);
}

/**
 * `sklearn/linear_model/_logistic.py`: softmax, unless the model is one-versus-rest. `multi_class` is
 * gone since 1.8 (then: softmax for three classes or more, logistic for two).
 */
export const logisticRegression: Compiler = {
  readsSparse: true,
  predict(c, model, x, raw) {
    const { scores, width, outcome } = decided(c, model, x, raw);
    return { ...outcome, probabilities: logisticProbabilities(c, model, scores, width) };
  },
};

function logisticProbabilities(c: Compilation, model: Fitted, scores: Name, width: number): Name {
  const multi = model.text('multi_class', 'auto');
  const binary = width === 1;
  const automatic = multi === 'auto' || multi === 'deprecated';
  const liblinear = model.text('solver', 'lbfgs') === 'liblinear';
  if (multi === 'ovr' || multi === 'warn' || (automatic && (binary || liblinear)))
    return oneVersusRest(c, scores, width);
  return softmax(c.e, binary ? c.e.concat([c.e.neg(scores), scores]) : scores);
}

/** `sklearn/linear_model/_stochastic_gradient.py`: probabilities for two of the losses. */
export const sgdClassifier: Compiler = {
  readsSparse: true,
  predict(c, model, x, raw) {
    const { scores, width, outcome } = decided(c, model, x, raw);
    const loss = model.text('loss', 'hinge');
    if (loss === 'log_loss' || loss === 'log')
      return { ...outcome, probabilities: oneVersusRest(c, scores, width) };
    if (loss === 'modified_huber')
      return { ...outcome, probabilities: modifiedHuber(c, scores, width) };
    return outcome;
  },
};

/** (clip(score, -1, 1) + 1) / 2; rows of nothing but zeros become uniform. */
function modifiedHuber({ e }: Compilation, scores: Name, width: number): Name {
  const clipped = e.op('Clip', [scores, e.scalar(-1), e.scalar(1)]);
  const p = e.div(e.add(clipped, e.scalar(1)), e.scalar(2));
  if (width === 1) return pair(e, p);
  const total = e.sum(p);
  const nothing = e.op('Equal', [total, e.scalar(0)]);
  const safe = e.where(nothing, e.scalar(1), total);
  return e.where(nothing, e.scalar(1 / width), e.div(p, safe));
}

/** `sklearn/discriminant_analysis.py`, linear: logistic for two classes, softmax for more. */
export const linearDiscriminantAnalysis: Compiler = {
  predict(c, model, x, raw) {
    const { scores, width, outcome } = decided(c, model, x, raw);
    const probabilities =
      width === 1 ? pair(c.e, c.e.op('Sigmoid', [scores])) : softmax(c.e, scores);
    return { ...outcome, probabilities };
  },
  transform(c, model, x) {
    const solver = model.text('solver', 'svd');
    if (solver === 'lsqr') throw model.refusal('the lsqr solver has no transform');
    const scalings = model.matrix('scalings_');
    const width = Math.min(model.number('_max_components', scalings.columns), scalings.columns);
    const kept = columnsOf(scalings, width);
    const centred =
      solver === 'svd' ? c.e.sub(x.name, c.e.row(model.vector('xbar_', x.width))) : x.name;
    return { kind: 'dense', name: c.e.matmul(centred, c.e.f64([x.width, width], kept)), width };
  },
};

function columnsOf(m: { rows: number; columns: number; data: Float64Array }, width: number) {
  return Float64Array.from({ length: m.rows * width }, (_, at) => {
    const row = Math.floor(at / width);
    return m.data[row * m.columns + (at % width)] ?? 0;
  });
}

/**
 * Quadratic: -½(‖(x - μ)·R·S^-½‖² + Σ ln S) + ln prior per class. Two classes are told apart by the
 * larger of the two, while `decision_function` is their difference.
 */
export const quadraticDiscriminantAnalysis: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const classes = model.classes();
    const k = classes.values.length;
    const priors = model.vector('priors_', k);
    const means = model.matrix('means_', k, x.width);
    const rotations = model.matrices('rotations_', k);
    const scalings = model.vectors('scalings_', k);
    const parts = rotations.map((rotation, i) => {
      const s = scalings[i] ?? new Float64Array();
      if (rotation.rows !== x.width || rotation.columns !== s.length)
        throw model.refusal(`rotations_[${i}] does not fit scalings_[${i}]`);
      const w = rotation.data.map((v, at) => v * (s[at % s.length] ?? 0) ** -0.5);
      const centred = e.sub(x.name, e.row(means.data.subarray(i * x.width, (i + 1) * x.width)));
      const norm = e.sumSquares(e.matmul(centred, e.f64([x.width, s.length], w)));
      const logDeterminant = s.reduce((sum, v) => sum + Math.log(v), 0);
      const quadratic = e.mul(e.scalar(-0.5), e.add(norm, e.scalar(logDeterminant)));
      return e.add(quadratic, e.scalar(Math.log(priors[i] ?? 0)));
    });
    const likelihoods = e.concat(parts);
    const probabilities = softmax(e, likelihoods);
    const index = e.argmax(likelihoods);
    const base: Classifier = { kind: 'classifier', classes, index, probabilities };
    if (k !== 2) return { ...base, scores: likelihoods, scoreWidth: k };
    const scores = e.sub(e.column(likelihoods, 1), e.column(likelihoods, 0));
    return { ...base, scores, scoreWidth: 1 };
  },
};
