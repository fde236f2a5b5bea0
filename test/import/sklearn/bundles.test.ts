import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileParts } from '../../../src/import/sklearn/compile-parts.ts';
import { Fitted } from '../../../src/import/sklearn/fitted/fitted.ts';
import { importSklearn } from '../../../src/import/sklearn/import-sklearn.ts';
import { readModelFile } from '../../../src/import/sklearn/reader/read-model-file.ts';
import { PyGlobal, PyList, PyObject, asItems } from '../../../src/import/sklearn/records.ts';
import { golden } from './golden.ts';
import type { GoldenCase } from './golden.ts';
import { feedsOf, rowsOf, run, sessionOf } from './run-graph.ts';

const cases = golden().find(({ version }) => version.startsWith('1.5'))?.cases ?? [];

function named(name: string): GoldenCase {
  const found = cases.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

const file = (name: string) => ({ name: `${name}.pkl`, bytes: named(name).bytes });

function part(root: PyObject, name: string) {
  return { file: name, model: new Fitted(root, name) };
}

/** The steps of a pipeline, as if each had been saved on its own. */
function stepsOf(name: string): PyObject[] {
  const { root } = readModelFile(named(name).bytes);
  assert.ok(root instanceof PyObject);
  return asItems(root.attributes.get('steps') ?? null, 'steps').map((tuple) => {
    const [, value] = asItems(tuple, 'step');
    assert.ok(value instanceof PyObject);
    return value;
  });
}

/** A protocol 2 pickle of {'model': …} around another: the header moves to the front, STOP to the end. */
function inDict(bytes: Uint8Array): Uint8Array {
  const key = Buffer.from('model');
  return Buffer.concat([
    Buffer.from([0x80, 2, 0x7d, 0x55, key.length]),
    key,
    bytes.subarray(2, bytes.length - 1),
    Buffer.from('s.'),
  ]);
}

describe('files that belong together', () => {
  for (const name of ['scaler-standard-logistic', 'text-count-tfidf-logistic'])
    it(`go in the order of their kinds, whatever the order they come in: ${name}`, async () => {
      const one = named(name);
      const parts = stepsOf(name).map((root, i) => part(root, `${i}.pkl`));
      const made = compileParts(parts.toReversed());
      const session = await sessionOf(made);
      const answers = await run(session, feedsOf(made.signature, one.input, rowsOf(one.input)));
      const expected = one.expected.get('predict_proba')?.values ?? [];
      assert.equal(answers['probabilities']?.data.length, expected.length);
      answers['probabilities']?.data.forEach((p, i) =>
        assert.ok(Math.abs(Number(p) - Number(expected[i])) < 1e-12),
      );
    });

  it('are refused where the order is a guess', () => {
    const two = [file('logistic-raw'), file('tree-stump')];
    assert.throws(
      () => importSklearn(two),
      /the order of logistic-raw.pkl \(LogisticRegression\) and tree-stump.pkl .*; upload one model at a time/,
    );
    assert.throws(
      () => importSklearn([file('scaler-standard'), file('scaler-minmax')]),
      /cannot be told from their kinds; name the files after their order, such as 1-scaler.pkl/,
    );
  });

  it('get their names from a label encoder', () => {
    const encoder = new PyObject(new PyGlobal('sklearn.preprocessing._label', 'LabelEncoder'));
    encoder.attributes.set('classes_', new PyList(['setosa', 'versicolor', 'virginica']));
    const { root } = readModelFile(named('logistic-raw').bytes);
    assert.ok(root instanceof PyObject);
    const parts = [part(encoder, 'labels.pkl'), part(root, 'model.pkl')];
    assert.deepEqual(compileParts(parts).signature.classes, ['setosa', 'versicolor', 'virginica']);
    encoder.attributes.set('classes_', new PyList(['one', 'two']));
    assert.throws(() => compileParts(parts), /its 2 names do not fit the labels 0, 1, 2/);
    assert.throws(
      () => compileParts([part(encoder, 'labels.pkl')]),
      /there is none; upload the model with it/,
    );
  });

  it('may sit in a dict, alone', () => {
    const one = cases.find(({ form, family }) => form === 'pickle2' && family === 'linear');
    assert.ok(one);
    const { report } = importSklearn([{ name: 'model.pkl', bytes: inDict(one.bytes) }]);
    assert.equal(report.sklearnVersion, '1.5.2');
  });

  it('are told by content: no estimator, no model file, no file', () => {
    const list = Buffer.from([0x80, 2, 0x5d, 0x2e]);
    assert.throws(
      () => importSklearn([{ name: 'x', bytes: list }]),
      /x holds list, no fitted estimator/,
    );
    assert.throws(() => importSklearn([{ name: 'x', bytes: Buffer.from('hello') }]), {
      code: 'FORMAT_UNKNOWN',
    });
    const onnx = Buffer.from([8, 9, 0x12, 5, 0x66, 0x6f, 0x76, 0x65, 0x61]);
    assert.throws(() => importSklearn([{ name: 'x.onnx', bytes: onnx }]), {
      code: 'FORMAT_UNKNOWN',
      message: /ONNX model, which needs no conversion/,
    });
    assert.throws(() => importSklearn([]), { code: 'MODEL_INVALID' });
  });
});
