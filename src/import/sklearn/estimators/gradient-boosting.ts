import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { overThreshold, pair, softmax } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Dense } from '../graph/values.ts';
import { sklearnTree } from '../trees/sklearn-tree.ts';
import { treeEnsemble } from '../trees/tree-ensemble.ts';
import { rounded } from './forests.ts';

/** Σ learning_rate · leaf of `estimators_` [iterations, K] (`sklearn/ensemble/_gradient_boosting.pyx`). */
function boosted(c: Compilation, model: Fitted, x: Dense) {
  const { shape, items } = model.objects('estimators_');
  const [, k = 1] = shape;
  const rate = model.number('learning_rate');
  const trees = items.map((item) => sklearnTree(item, x.width));
  if (trees.some((tree) => tree.outputs !== 1 || tree.values.length !== tree.size))
    throw model.refusal('its trees do not have one value per node');
  const name = treeEnsemble(c.e, rounded(c, x), trees, k, (index, node) => ({
    target: index % k,
    weight: rate * (trees[index]?.values[node] ?? 0),
  }));
  return { name, k };
}

/** The initial estimators that are proven on rows rounded to float32, which is what they get. */
const proven = new Set(
  `DummyClassifier DummyRegressor DecisionTreeClassifier DecisionTreeRegressor RandomForestClassifier
  RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor`.split(/\s+/),
);
/** Linear ones computed in float64 until they learnt to keep float32. */
const provenUntil16 = new Set(['LogisticRegression', 'LinearRegression', 'Ridge', 'Lasso']);

function initial(model: Fitted): Fitted | undefined {
  if (model.textIf('init_', '') === 'zero') return undefined;
  const init = model.child('init_');
  if (!proven.has(init.type) && (init.versionAtLeast(1, 6) || !provenUntil16.has(init.type)))
    throw init.refusal(
      'it is not proven as the initial estimator of gradient boosting',
      'use init="zero" or none',
    );
  return init;
}

/** Every estimator sees the float32 rows of the trees, `init_` included (`_raw_predict_init`). */
function narrow(c: Compilation, x: Dense): Dense {
  return { kind: 'dense', name: rounded(c, x), width: x.width };
}

export const gradientBoostingRegressor: Compiler = {
  predict(c, model, x) {
    const { name, k } = boosted(c, model, x);
    const init = initial(model);
    if (!init) return { kind: 'regressor', name, width: k };
    const start = c.predict(init, narrow(c, x));
    if (start.kind !== 'regressor') throw init.refusal('it is not a regressor');
    return { kind: 'regressor', name: c.e.add(start.name, name), width: k };
  },
};

/** `_init_raw_predictions`: the link of clipped probabilities. */
function startOf(c: Compilation, model: Fitted, x: Dense, k: number): Name | undefined {
  const init = initial(model);
  if (!init) return undefined;
  const start = c.predict(init, narrow(c, x));
  if (start.kind !== 'classifier' || start.probabilities === undefined)
    throw init.refusal('it has no predict_proba', 'use another initial estimator');
  const { e } = c;
  const eps = model.versionAtLeast(1, 9) ? Number.EPSILON : 2 ** -23;
  const chosen = k === 1 ? e.column(start.probabilities, 1) : start.probabilities;
  const p = e.op('Clip', [chosen, e.scalar(eps), e.scalar(1 - eps)]);
  const log = e.op('Log', [p]);
  if (k > 1) {
    // The symmetric multinomial logit since 1.4, the plain logarithm before.
    if (!model.versionAtLeast(1, 4)) return log;
    return e.sub(log, e.op('ReduceMean', [log, e.i64([1])], { keepdims: 1 }));
  }
  const logit = e.op('Log', [e.div(p, e.sub(e.scalar(1), p))]);
  return model.text('loss', 'log_loss') === 'exponential' ? e.mul(e.scalar(0.5), logit) : logit;
}

export const gradientBoostingClassifier: Compiler = {
  predict(c, model, x) {
    const { e } = c;
    const classes = model.classes();
    const { name, k } = boosted(c, model, x);
    if (k !== (classes.values.length === 2 ? 1 : classes.values.length))
      throw model.refusal(`it has ${k} trees per iteration for ${classes.values.length} classes`);
    const start = startOf(c, model, x, k);
    const scores = start === undefined ? name : e.add(start, name);
    if (k > 1) {
      const probabilities = softmax(e, scores);
      const index = e.argmax(scores);
      return { kind: 'classifier', classes, index, probabilities, scores, scoreWidth: k };
    }
    const exponential = model.text('loss', 'log_loss') === 'exponential';
    const p = e.op('Sigmoid', [exponential ? e.mul(e.scalar(2), scores) : scores]);
    const index = overThreshold(e, scores, 0, model.versionAtLeast(1, 4));
    return { kind: 'classifier', classes, index, probabilities: pair(e, p), scores, scoreWidth: 1 };
  },
};
