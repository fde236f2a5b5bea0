import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Value } from '../graph/values.ts';
import { importances } from './importances.ts';

/** A selector keeps some columns; which ones, its fitted state says. */
function selector(
  keeps: (model: Fitted, width: number) => readonly boolean[],
  missing = false,
): Compiler {
  return {
    readsAny: true,
    ...(missing && { missing: 'passes' as const }),
    transform(c: Compilation, model, _x, raw): Value {
      const width = raw.kind === 'columns' ? raw.columns.length : raw.width;
      model.expectWidth(width);
      const mask = keeps(model, width);
      if (mask.length !== width)
        throw model.refusal(`it was fitted on ${mask.length} columns and gets ${width}`);
      const kept = mask.flatMap((keep, i) => (keep ? [i] : []));
      if (kept.length === 0) throw model.refusal('it keeps no column');
      return c.pick(raw, kept);
    },
  };
}

export const varianceThreshold = selector((model) => {
  const threshold = model.number('threshold', 0);
  return Array.from(model.vector('variances_', undefined, false), (v) => v > threshold);
}, true);

/** RFE, RFECV and sequential selection keep their mask. */
export const byMask = selector((model) => model.flags('support_'));

/** `_clean_nans`, `sklearn/feature_selection/_univariate_selection.py`: NaN scores are the worst. */
function cleanScores(model: Fitted): number[] {
  return Array.from(model.vector('scores_', undefined, false), (v) =>
    Number.isNaN(v) ? -Number.MAX_VALUE : v,
  );
}

/** The k best scores; of equal ones the later column wins, as a stable argsort leaves it. */
function best(scores: readonly number[], k: number): boolean[] {
  const order = [...scores.keys()].sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
  const kept = new Set(k === 0 ? [] : order.slice(-k));
  return scores.map((_, i) => kept.has(i));
}

function kBest(model: Fitted, k: string | number): boolean[] {
  const scores = cleanScores(model);
  return k === 'all' ? scores.map(() => true) : best(scores, Number(k));
}

/** Scores over the percentile; of those equal to it only as many as fit. */
function percentile(model: Fitted, percent: number): boolean[] {
  const scores = cleanScores(model);
  if (percent === 100) return scores.map(() => true);
  if (percent === 0) return scores.map(() => false);
  const threshold = quantile(scores, (100 - percent) / 100);
  const mask = scores.map((v) => v > threshold);
  const ties = scores.flatMap((v, i) => (v === threshold ? [i] : []));
  const room = Math.trunc((scores.length * percent) / 100) - mask.filter(Boolean).length;
  for (const i of ties.slice(0, Math.max(room, 0))) mask[i] = true;
  return mask;
}

/** numpy's linear quantile. */
function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  const t = at - Math.floor(at);
  // numpy's _lerp works from the nearer end.
  return t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t;
}

function falsePositiveRate(model: Fitted, alpha: number): boolean[] {
  return Array.from(model.vector('pvalues_', undefined, false), (p) => p < alpha);
}

/** Benjamini-Hochberg. */
function falseDiscoveryRate(model: Fitted, alpha: number): boolean[] {
  const p = [...model.vector('pvalues_', undefined, false)];
  const sorted = p.toSorted((a, b) => a - b);
  const passed = sorted.filter((v, i) => v <= (alpha / p.length) * (i + 1));
  const limit = passed.at(-1);
  return p.map((v) => limit !== undefined && v <= limit);
}

function familyWise(model: Fitted, alpha: number): boolean[] {
  const p = [...model.vector('pvalues_', undefined, false)];
  return p.map((v) => v < alpha / p.length);
}

export const selectKBest = selector((model) => kBest(model, model.textOrNumber('k', 10)));
export const selectPercentile = selector((model) =>
  percentile(model, model.number('percentile', 10)),
);
export const selectFpr = selector((model) => falsePositiveRate(model, model.number('alpha', 0.05)));
export const selectFdr = selector((model) =>
  falseDiscoveryRate(model, model.number('alpha', 0.05)),
);
export const selectFwe = selector((model) => familyWise(model, model.number('alpha', 0.05)));

export const genericUnivariateSelect = selector((model) => {
  const parameter = model.textOrNumber('param', 1e-5);
  const mode = model.text('mode', 'percentile');
  if (mode === 'k_best') return kBest(model, parameter);
  if (mode === 'percentile') return percentile(model, Number(parameter));
  if (mode === 'fpr') return falsePositiveRate(model, Number(parameter));
  if (mode === 'fdr') return falseDiscoveryRate(model, Number(parameter));
  if (mode === 'fwe') return familyWise(model, Number(parameter));
  throw model.refusal(`the mode ${mode} is unknown`);
});

/** `sklearn/feature_selection/_from_model.py`: importances against a threshold that may be worded. */
export const selectFromModel = selector((model, width) => {
  const estimator = model.has('estimator_') ? model.child('estimator_') : model.child('estimator');
  const found = importances(estimator, width);
  const limit = threshold(model, estimator, found);
  const most = model.has('max_features_')
    ? model.number('max_features_')
    : model.has('max_features')
      ? model.number('max_features')
      : width;
  const order = [...found.keys()].sort((a, b) => (found[b] ?? 0) - (found[a] ?? 0) || a - b);
  const candidates = new Set(order.slice(0, most));
  return Array.from(found, (v, i) => candidates.has(i) && v >= limit);
}, true);

function threshold(model: Fitted, estimator: Fitted, found: Float64Array): number {
  const l1 = estimator.text('penalty', '') === 'l1' || estimator.type.startsWith('Lasso');
  const asked = model.has('threshold') ? model.textOrNumber('threshold', 0) : l1 ? 1e-5 : 'mean';
  if (typeof asked === 'number') return asked;
  const [, factor, word] = /^(?:([\d.eE+-]+)\s*\*\s*)?(mean|median)$/.exec(asked.trim()) ?? [];
  if (word === undefined)
    throw model.refusal(`the threshold ${JSON.stringify(asked)} is not understood`);
  const reference =
    word === 'mean'
      ? found.reduce((sum, v) => sum + v, 0) / found.length
      : quantile([...found], 0.5);
  return Number(factor ?? 1) * reference;
}
