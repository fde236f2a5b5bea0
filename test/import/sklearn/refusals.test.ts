import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileParts } from '../../../src/import/sklearn/compile-parts.ts';
import { SklearnImportError } from '../../../src/import/sklearn/errors.ts';
import { Fitted } from '../../../src/import/sklearn/fitted/fitted.ts';
import { readModelFile } from '../../../src/import/sklearn/reader/read-model-file.ts';
import {
  NdArray,
  PyFloat,
  PyGlobal,
  PyList,
  PyObject,
  PyTuple,
  asItems,
} from '../../../src/import/sklearn/records.ts';
import { golden } from './golden.ts';

const cases = golden().find(({ version }) => version.startsWith('1.5'))?.cases ?? [];

/** The record of a real model, free to be broken. */
function record(name: string): PyObject {
  const found = cases.find((one) => one.name === name);
  assert.ok(found, name);
  const { root } = readModelFile(found.bytes);
  assert.ok(root instanceof PyObject);
  return root;
}

function part(of: PyObject, name: string): PyObject {
  const value = of.attributes.get(name);
  assert.ok(value instanceof PyObject, name);
  return value;
}

/** The estimator of a pipeline's step. */
function step(of: PyObject, index: number): PyObject {
  const tuple = asItems(of.attributes.get('steps') ?? null, 'steps')[index];
  const [, value] = asItems(tuple ?? null, 'step');
  assert.ok(value instanceof PyObject);
  return value;
}

function array(values: readonly number[], shape: readonly number[] = [values.length]): NdArray {
  const bytes = new Uint8Array(Float64Array.from(values).buffer);
  return new NdArray({
    dtype: { code: 'f', itemsize: 8, littleEndian: true },
    shape,
    order: 'C',
    bytes,
  });
}

function refusal(root: PyObject): SklearnImportError {
  try {
    compileParts([{ file: 'model.pkl', model: new Fitted(root, 'model.pkl') }]);
  } catch (error) {
    assert.ok(error instanceof SklearnImportError, String(error));
    assert.equal(error.code, 'ESTIMATOR_UNSUPPORTED');
    return error;
  }
  throw new assert.AssertionError({ message: 'it was not refused' });
}

/** Tree nodes with one field changed at one node. */
function nodesWith(tree: PyObject, field: string, node: number, value: number): void {
  const nodes = tree.attributes.get('nodes');
  assert.ok(nodes instanceof NdArray);
  const found = nodes.dtype.fields?.get(field);
  assert.ok(found);
  const bytes = Uint8Array.from(nodes.bytes);
  const view = new DataView(bytes.buffer);
  const at = node * nodes.dtype.itemsize + found.offset;
  if (found.dtype.code === 'f') view.setFloat64(at, value, true);
  else view.setBigInt64(at, BigInt(value), true);
  tree.attributes.set(
    'nodes',
    new NdArray({ dtype: nodes.dtype, shape: nodes.shape, order: 'C', bytes }),
  );
}

describe('what cannot be reproduced is refused', () => {
  it('a class that is not covered, with its place and what to do', () => {
    const model = record('scaler-standard-logistic');
    const strange = new PyObject(
      new PyGlobal('sklearn.gaussian_process._gpc', 'GaussianProcessClassifier'),
    );
    asItems(model.attributes.get('steps') ?? null, 'steps');
    model.attributes.set(
      'steps',
      new PyList([new PyTuple(['a', step(model, 0)]), new PyTuple(['gp', strange])]),
    );
    assert.match(
      refusal(model).message,
      /GaussianProcessClassifier at model.pkl → pipeline step 'gp': .*; convert/s,
    );
  });

  it('a class of the user', () => {
    const own = new PyObject(new PyGlobal('__main__', 'Cleaner'));
    assert.match(
      refusal(own).message,
      /__main__.Cleaner at model.pkl: this class is not part of scikit-learn/,
    );
  });

  it('all problems at once', () => {
    const model = record('scaler-standard-logistic');
    const strange = (name: string) => {
      const object = new PyObject(new PyGlobal('sklearn.x', name));
      object.attributes.set('_sklearn_version', '1.5.2');
      return object;
    };
    const steps = ['One', 'Two'].map((name) => new PyTuple([name, strange(name)]));
    model.attributes.set('steps', new PyList([...steps, new PyTuple(['m', step(model, 1)])]));
    const { details } = refusal(model);
    assert.deepEqual(
      (details['problems'] as { class: string }[]).map((p) => p.class),
      ['sklearn.x.One', 'sklearn.x.Two'],
    );
  });

  it('functions, which are never run', () => {
    const transformer = record('transform-log1p');
    transformer.attributes.set('func', new PyGlobal('__main__', 'clean'));
    assert.match(
      refusal(transformer).message,
      /its func is __main__.clean, and functions are not run/,
    );
    const vectorizer = record('text-count-words');
    vectorizer.attributes.set('tokenizer', new PyGlobal('nltk.tokenize', 'word_tokenize'));
    assert.match(refusal(vectorizer).message, /its tokenizer is a function/);
    const neighbours = record('knn-names');
    neighbours.attributes.set('weights', new PyGlobal('__main__', 'weigh'));
    assert.match(refusal(neighbours).message, /weights is the function __main__.weigh/);
  });

  it('an estimator that was not fitted', () => {
    const scaler = record('scaler-standard');
    scaler.attributes.delete('mean_');
    assert.match(refusal(scaler).message, /it has no mean_; fit it before saving it/);
  });

  it('coefficients that are NaN, or too few', () => {
    const model = record('reg-ridge');
    const width = asItems(model.attributes.get('coef_') ?? null, 'coef_').length;
    model.attributes.set('coef_', array(Array.from({ length: width }, () => NaN)));
    assert.match(refusal(model).message, /coef_ holds NaN or infinity/);
    model.attributes.set('coef_', array([1, 2]));
    assert.match(refusal(model).message, /coef_ has 2 columns and its input has 10/);
  });

  it('a number of features that is a lie', () => {
    const scaler = record('scaler-standard');
    for (const lie of [3, 2 ** 40, -1]) {
      scaler.attributes.set('n_features_in_', lie);
      assert.match(refusal(scaler).message, /has 13 values where 3|says that it reads/);
    }
  });

  it('trees with children out of range, cycles, shared branches, unknown features, NaN', () => {
    const broken: readonly (readonly [string, number, number, RegExp])[] = [
      ['left_child', 0, 999999, /has the child 999999/],
      ['left_child', 0, 0, /reached twice/],
      ['right_child', 0, 1, /reached twice/],
      ['left_child', 0, -7, /has the child -7/],
      ['feature', 0, 77, /reads feature 77 of 4/],
      ['threshold', 0, NaN, /threshold NaN/],
    ];
    for (const [field, node, value, message] of broken) {
      const model = record('tree-iris');
      nodesWith(part(model, 'tree_'), field, node, value);
      assert.match(refusal(model).message, message);
    }
  });

  it('support vectors whose counts do not add up (CVE-2020-28975)', () => {
    const model = record('svc-raw');
    model.attributes.set('_n_support', array([1_000_000, 1, 1]));
    assert.match(refusal(model).message, /_n_support does not add up/);
  });

  it('a vocabulary whose columns are not its own', () => {
    const model = record('text-count-words');
    const vocabulary = model.attributes.get('vocabulary_');
    assert.ok(vocabulary !== null && typeof vocabulary === 'object' && vocabulary.kind === 'dict');
    vocabulary.set('cheap', 1e9);
    assert.match(refusal(model).message, /does not give every token a column of its own/);
  });

  it('token patterns that are unknown or could take for ever', () => {
    for (const pattern of ['(a+)+b', '(?P<x>a)', '(a|b)*', 'a++', '\\Z']) {
      const model = record('text-count-words');
      model.attributes.set('token_pattern', pattern);
      assert.match(refusal(model).message, /cannot be reproduced safely/, pattern);
    }
  });

  it('labels of mixed types, kernels of the user, several models at once', () => {
    const model = record('logistic-raw');
    model.attributes.set('classes_', new PyList(['a', 1, new PyFloat(2)]));
    assert.match(
      refusal(model).message,
      /classes_ is list where a list of labels of one type is needed/,
    );
    const machine = record('svc-raw');
    machine.attributes.set('kernel', new PyGlobal('__main__', 'k'));
    assert.match(refusal(machine).message, /kernel is the function __main__.k/);
  });

  it('an estimator that contains itself', () => {
    const model = record('grid-iris');
    model.attributes.set('best_estimator_', model);
    assert.match(refusal(model).message, /nested more than 40 deep/);
  });
});
