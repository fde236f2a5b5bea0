import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { overThreshold, pair, softmax } from '../graph/classify.ts';
import type { Name } from '../graph/emitter.ts';
import type { Classes, Dense } from '../graph/values.ts';
import { treeEnsemble } from '../trees/tree-ensemble.ts';
import { readBooster } from '../xgboost/booster.ts';
import type { Booster } from '../xgboost/booster.ts';
import { rounded } from './forests.ts';

/** How the raw sum becomes a prediction (xgboost/src/objective): the inverse takes `base_score` back. */
type Link = 'identity' | 'logistic' | 'log' | 'softmax';

const links: Readonly<Record<string, Link>> = {
  'reg:squarederror': 'identity',
  'reg:linear': 'identity',
  'reg:absoluteerror': 'identity',
  'reg:pseudohubererror': 'identity',
  'reg:quantileerror': 'identity',
  'reg:squaredlogerror': 'identity',
  'rank:pairwise': 'identity',
  'rank:ndcg': 'identity',
  'rank:map': 'identity',
  'reg:logistic': 'logistic',
  'binary:logistic': 'logistic',
  'count:poisson': 'log',
  'reg:gamma': 'log',
  'reg:tweedie': 'log',
  'multi:softprob': 'softmax',
  'multi:softmax': 'softmax',
};

function linkOf(model: Fitted, booster: Booster): Link {
  const link = links[booster.objective];
  if (link === undefined)
    throw model.refusal(`the objective ${booster.objective} is not supported`);
  return link;
}

function margins(booster: Booster, link: Link): number[] {
  if (link === 'logistic') return booster.baseScores.map((p) => Math.log(p / (1 - p)));
  return link === 'log' ? booster.baseScores.map(Math.log) : [...booster.baseScores];
}

/**
 * The raw sums [N, groups]. XGBoost reads float32 and adds in float32; these sums are float64, so its
 * own rounding (up to 2e-6 of the value) is the difference.
 */
function raw(c: Compilation, model: Fitted, x: Dense, booster: Booster, link: Link): Name {
  const { e } = c;
  if (booster.features !== x.width)
    throw model.refusal(`its booster reads ${booster.features} features and gets ${x.width}`);
  const narrow = withMissing(c, model, rounded(c, x));
  const base = e.row(margins(booster, link));
  if (booster.linear) return e.add(linear(c, narrow, booster, booster.linear), base);
  const { trees } = booster;
  if (trees.length === 0) return e.add(e.mul(e.column(narrow, 0), e.scalar(0)), base);
  const sum = treeEnsemble(e, narrow, trees, booster.groups, (index, node) => {
    const tree = trees[index];
    return { target: tree?.group ?? 0, weight: (tree?.leaf[node] ?? 0) * (tree?.weight ?? 1) };
  });
  return e.add(sum, base);
}

/** `missing` may be another number than NaN. */
function withMissing({ e }: Compilation, model: Fitted, x: Name): Name {
  const missing = model.number('missing', Number.NaN);
  if (Number.isNaN(missing)) return x;
  return e.where(e.op('Equal', [x, e.scalar(missing)]), e.scalar(Number.NaN), x);
}

/** A linear booster takes a missing value for nothing. */
function linear({ e }: Compilation, x: Name, booster: Booster, weights: Float64Array): Name {
  const { features, groups } = booster;
  const present = e.where(e.op('IsNaN', [x]), e.scalar(0), x);
  const product = e.matmul(
    present,
    e.f64([features, groups], weights.subarray(0, features * groups)),
  );
  return e.add(product, e.row(weights.subarray(features * groups)));
}

/** `classes_` was an attribute until 1.7 and is 0, 1, 2… since. */
function classesOf(model: Fitted, count: number): Classes {
  if (model.has('classes_')) return model.classes();
  return { type: 'int64', values: Array.from({ length: count }, (_, i) => i) };
}

const booster = (model: Fitted): Booster =>
  readBooster(model.has('_Booster') ? model.child('_Booster') : model);

const inputOf = (model: Fitted) => {
  const { features, featureNames } = booster(model);
  return { width: features, ...(featureNames.length === features && { names: featureNames }) };
};

export const xgbClassifier: Compiler = {
  missing: 'accepts',
  input: inputOf,
  predict(c, model, x) {
    const { e } = c;
    const found = booster(model);
    const link = linkOf(model, found);
    const scores = raw(c, model, x, found, link);
    if (link === 'logistic') {
      const classes = classesOf(model, 2);
      const index = overThreshold(e, scores);
      return {
        kind: 'classifier',
        classes,
        index,
        probabilities: pair(e, e.op('Sigmoid', [scores])),
      };
    }
    const classes = classesOf(model, found.groups);
    if (link !== 'softmax' || classes.values.length !== found.groups)
      throw model.refusal(`the objective ${found.objective} does not fit its classes`);
    return {
      kind: 'classifier',
      classes,
      index: e.argmax(scores),
      probabilities: softmax(e, scores),
    };
  },
};

export const xgbRegressor: Compiler = {
  missing: 'accepts',
  input: inputOf,
  predict(c, model, x) {
    const found = booster(model);
    const link = linkOf(model, found);
    if (link === 'softmax') throw model.refusal('it is a classifier', 'save it as XGBClassifier');
    const sum = raw(c, model, x, found, link);
    const operator = { identity: undefined, logistic: 'Sigmoid', log: 'Exp' }[link];
    return {
      kind: 'regressor',
      name: operator === undefined ? sum : c.e.op(operator, [sum]),
      width: found.groups,
    };
  },
};

/** A bare booster, or a file of its own: what it is, its objective says. */
export const xgbBooster: Compiler = {
  missing: 'accepts',
  input: inputOf,
  predict(c, model, x, value) {
    const { objective } = booster(model);
    const classifies = objective === 'binary:logistic' || objective.startsWith('multi:');
    const compiler = classifies ? xgbClassifier : xgbRegressor;
    if (!compiler.predict) throw new TypeError('both predict');
    return compiler.predict(c, model, x, value);
  },
};
