import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { SklearnImportError } from '../../../../src/import/sklearn/errors.ts';
import { NdArray, PyBytes, PyObject } from '../../../../src/import/sklearn/records.ts';
import { readModelFile } from '../../../../src/import/sklearn/reader/read-model-file.ts';
import { fixtures } from './fixtures.ts';
import type { FixtureFile } from './fixtures.ts';
import { numbered, told } from './told.ts';

interface ModelSummary {
  readonly class: string;
  readonly arrays: Readonly<Record<string, unknown>>;
}

const models = new Set(['pipeline', 'forest', 'boosting', 'svc', 'text', 'columns']);
const formats: Readonly<Record<string, string>> = {
  skops: 'skops',
  npy: 'npy',
  joblib: 'joblib',
  pickle: 'pickle',
};

for (const { sklearn, numpy, joblib, files } of fixtures())
  describe(`scikit-learn ${sklearn}, numpy ${numpy}, joblib ${joblib}`, () => {
    it('values are what Python says they are', () => {
      for (const file of files.filter(
        ({ name, expected }) => !models.has(name) && name !== 'stream' && expected !== null,
      ))
        assert.deepEqual(
          told(readModelFile(file.bytes).root),
          numbered(file.expected),
          `${file.name} as ${file.form}`,
        );
    });

    it('models have the class, the version and the numbers that Python says', () => {
      for (const file of files.filter(({ name }) => models.has(name))) checkModel(file, sklearn);
    });

    it('a model is the same in all protocols, and in joblib', () => {
      for (const name of models) {
        const alike = files.filter((file) => file.name === name && file.form !== 'skops');
        const [first = '', ...others] = alike.map((file) =>
          JSON.stringify(told(readModelFile(file.bytes).root), exact),
        );
        assert.ok(alike.length >= 10 && first.length > 1000, name);
        for (const [i, other] of others.entries())
          assert.equal(other, first, `${name} as ${alike[i + 1]?.form}`);
      }
    });

    it('streams of every variant of a compression inflate to the same bytes', () => {
      for (const { form, bytes, expected } of files.filter(({ name }) => name === 'stream')) {
        const { root, compression } = readModelFile(bytes);
        assert.ok(root instanceof PyBytes, form);
        assert.ok(form.startsWith(compression ?? '-'), form);
        assert.deepEqual(
          { sha256: createHash('sha256').update(root.data).digest('hex') },
          expected,
          form,
        );
      }
    });

    it('long double is refused in words', () => {
      for (const file of files.filter(({ name }) => name === 'longdouble'))
        assert.throws(
          () => readModelFile(file.bytes),
          (error) =>
            error instanceof SklearnImportError &&
            error.code === 'ARRAY_UNSUPPORTED' &&
            /float64/.test(error.message),
        );
    });
  });

function checkModel(file: FixtureFile, version: string): void {
  const place = `${file.name} as ${file.form}`;
  const expected = file.expected as ModelSummary;
  const read = readModelFile(file.bytes);
  assert.ok(read.root instanceof PyObject, place);
  assert.equal(read.root.name, expected.class, place);
  assert.deepEqual(
    read.sklearnVersions,
    file.form === 'skops' ? read.sklearnVersions : [version],
    place,
  );
  const [form = '', codec] = file.form.split('-');
  assert.ok(
    read.format === formats[form.replace(/\d$/, '')] || codec !== undefined || read.arrays === 0,
    `${place} is ${read.format}`,
  );
  if (codec !== undefined) assert.equal(read.compression, codec, place);
  for (const [name, array] of Object.entries(expected.arrays)) {
    const value = read.root.attributes.get(name);
    assert.ok(value instanceof NdArray, `${place}: ${name}`);
    assert.deepEqual(told(value), numbered(array), `${place}: ${name}`);
  }
}

/** JSON has no NaN, infinity or negative zero; models have the first. */
function exact(_: string, value: unknown): unknown {
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `${value}`
    : value;
}
