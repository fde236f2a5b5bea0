import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { importSklearn } from '../../../src/import/sklearn/import-sklearn.ts';
import type { Signature } from '../../../src/import/sklearn/import-sklearn.ts';
import { golden } from './golden.ts';
import type { GoldenArray, GoldenCase } from './golden.ts';
import { feedsOf, rowsOf, run, sessionOf } from './run-graph.ts';
import type { Answers } from './run-graph.ts';

/**
 * The largest difference allowed to scikit-learn's own numbers, relative to values over 1. Labels are
 * equal in all families. XGBoost computes in float32: its own rounding is the difference.
 */
const tolerances: Readonly<Record<string, number>> = {
  scaler: 1e-15,
  linear: 1e-12,
  tree: 1e-14,
  // The logit of an initial estimator's probability near 1 loses digits on either side.
  boosting: 1e-10,
  columns: 1e-13,
  text: 1e-14,
  svm: 1e-12,
  neighbours: 1e-12,
  bayes: 1e-12,
  network: 1e-12,
  cluster: 1e-11,
  ensemble: 1e-12,
  // Infinitely steep in places, where the last digit of a score becomes visible.
  isotonic: 1e-9,
  transform: 1e-10,
  xgboost: 2e-6,
  lightgbm: 1e-14,
};

/** Fixtures of what is not proven; each must say which class, where. */
const refused: Readonly<Record<string, RegExp>> = {
  'gmm-bayesian': /BayesianGaussianMixture/,
  'transform-spline-linear': /SplineTransformer/,
  'nan-knn-distance': /KNNImputer/,
  'output-code-iris': /OutputCodeClassifier/,
  'output-code-cancer': /OutputCodeClassifier/,
};
/** The same, from a version on. */
const refusedSince: Readonly<Record<string, readonly [string, RegExp]>> = {
  'gb-init': ['1.9.1', /LogisticRegression at model → init_/],
};
/** Older ones do not say how many columns they read. */
const refusedUntil: Readonly<Record<string, readonly [string, RegExp]>> = {
  'transform-log1p': ['1.1.3', /FunctionTransformer/],
  'transform-identity': ['1.1.3', /FunctionTransformer/],
  'transform-sqrt-abs': ['1.1.3', /how many columns/],
  'dummy-prior-iris': ['1.3.2', /DummyClassifier/],
  'dummy-prior-cancer': ['1.3.2', /DummyClassifier/],
  'dummy-most_frequent-iris': ['1.3.2', /DummyClassifier/],
  'dummy-most_frequent-cancer': ['1.3.2', /DummyClassifier/],
  'dummy-reg-mean': ['1.3.2', /DummyRegressor/],
  'dummy-reg-median': ['1.3.2', /DummyRegressor/],
};

const methods: readonly (readonly [string, string])[] = [
  ['predict_proba', 'probabilities'],
  ['decision_function', 'scores'],
  ['transform', 'transformed'],
  ['predict', 'label'],
  ['predict', 'prediction'],
];

function refusalOf(name: string, version: string): RegExp | undefined {
  const since = refusedSince[name];
  if (since && version >= since[0]) return since[1];
  const until = refusedUntil[name];
  return until && version <= until[0] ? until[1] : refused[name];
}

function compare(
  found: Answers[string],
  expected: GoldenArray,
  tolerance: number,
  exact: boolean,
  what: string,
): void {
  assert.equal(found.data.length, expected.values.length, `${what}: number of values`);
  expected.values.forEach((want: string | number | boolean | null, i: number) => {
    const got = found.data[i];
    if (typeof want === 'string') {
      assert.equal(got, want, `${what}[${i}]`);
      return;
    }
    const [a, b] = [Number(got), want === null ? NaN : Number(want)];
    if (Object.is(a, b) || a === b) return;
    assert.ok(!exact, `${what}[${i}] is ${a}, and ${b} in Python`);
    const difference = Math.abs(a - b) / Math.max(1, Math.abs(b));
    assert.ok(difference <= tolerance, `${what}[${i}] is ${a}, and ${b} in Python`);
  });
}

/** Column `output` of what Python gives for several labels. */
function columnOf(expected: GoldenArray, output: number): GoldenArray {
  const [rows = 0, width = 1] = expected.shape;
  const values = Float64Array.from({ length: rows }, (_, i) =>
    Number(expected.values[i * width + output]),
  );
  return { shape: [rows], kind: expected.kind, values };
}

function compareAll(one: GoldenCase, signature: Signature, answers: Answers): void {
  const tolerance = tolerances[one.family] ?? 0;
  for (const [method, output] of methods) {
    const expected = one.expected.get(method);
    const found = answers[output];
    if (expected && found)
      compare(found, expected, tolerance, output === 'label', `${one.name} ${output}`);
  }
  signature.classLists?.forEach((_, i) => {
    const [expected, found] = [one.expected.get('predict'), answers[`label_${i}`]];
    assert.ok(expected && found, `${one.name} label_${i}`);
    compare(found, columnOf(expected, i), 0, true, `${one.name} label_${i}`);
  });
  const predicts =
    signature.task === 'transformer'
      ? 'transformed'
      : signature.task === 'regressor'
        ? 'prediction'
        : 'label';
  assert.ok(answers[predicts] ?? answers[`${predicts}_0`], `${one.name}: no ${predicts}`);
  if (one.expected.has('predict_proba') && signature.task === 'classifier' && !signature.classLists)
    assert.ok(answers['probabilities'], `${one.name}: no probabilities`);
}

async function check(one: GoldenCase): Promise<void> {
  const made = importSklearn([{ name: 'model', bytes: one.bytes }]);
  const session = await sessionOf(made);
  const rows = rowsOf(one.input);
  const answers = await run(session, feedsOf(made.signature, one.input, rows));
  assert.deepEqual(
    Object.keys(answers).toSorted(),
    made.signature.outputs.map((o) => o.name).toSorted(),
  );
  compareAll(one, made.signature, answers);
  // A row alone gives what it gives among others.
  const last = await run(session, feedsOf(made.signature, one.input, 1, rows - 1));
  for (const { name } of made.signature.outputs) {
    const [alone, all] = [last[name]?.data ?? [], answers[name]?.data ?? []];
    const tail = all.slice(all.length - alone.length);
    alone.forEach((value, i) => {
      const [a, b] = [Number(value), Number(tail[i])];
      if (typeof value === 'string') assert.equal(value, tail[i]);
      else
        assert.ok(
          Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)),
          `${one.name} ${name} of one row`,
        );
    });
  }
  await session.release();
}

it('the README states these tolerances', () => {
  const readme = readFileSync(
    new URL('../../../src/import/sklearn/README.md', import.meta.url),
    'utf8',
  );
  const rows = [...readme.matchAll(/^\| ([a-z]+) \| (\d+e-\d+) \|/gm)];
  const stated = rows.map(([, family = '', within]) => [family, Number(within)]);
  assert.deepEqual(Object.fromEntries(stated), tolerances);
  const versions = golden().map(({ version }) => version);
  for (const version of versions) assert.ok(readme.includes(version), version);
});

for (const { version, cases } of golden()) {
  describe(`scikit-learn ${version}`, () => {
    for (const family of new Set(cases.map((one) => one.family))) {
      it(`${family} within ${tolerances[family] ?? 0}`, async () => {
        for (const one of cases.filter((c) => c.family === family)) {
          const refusal = refusalOf(one.name, version);
          if (refusal)
            assert.throws(() => importSklearn([{ name: 'model', bytes: one.bytes }]), refusal);
          else await check(one);
        }
      });
    }
    const archived = cases.filter((one) => one.skops && !refusalOf(one.name, version));
    if (archived.length > 0)
      it(`${archived.length} skops archives give the same graphs`, () => {
        assert.ok(archived.length > 180);
        assert.ok(new Set(archived.map((one) => one.family)).size >= 12);
        for (const { name, bytes, skops } of archived) {
          const [plain, archive] = [bytes, skops ?? bytes].map((file) =>
            importSklearn([{ name: 'model', bytes: file }]),
          );
          assert.deepEqual(archive?.signature, plain?.signature, name);
          assert.ok(plain && archive && Buffer.compare(plain.onnx, archive.onnx) === 0, name);
        }
      });
  });
}
