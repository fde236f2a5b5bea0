import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspectModelFile } from '../../../../src/import/sklearn/reader/inspect/inspect-model-file.ts';
import { bytes, global4, proto, str } from './evil/assembler.ts';
import { fixtures } from './fixtures.ts';

function fileOf(version: string, name: string, form: string): Uint8Array {
  const file = fixtures()
    .find(({ sklearn }) => sklearn === version)
    ?.files.find((candidate) => candidate.name === name && candidate.form === form);
  assert.ok(file, `${name} as ${form} of ${version}`);
  return file.bytes;
}

describe('inspection of a file', () => {
  it('tells format, versions and the tree of a pipeline', () => {
    const found = inspectModelFile(fileOf('1.9.1', 'pipeline', 'joblib-xz'));
    assert.equal(found.verdict, 'safe');
    assert.deepEqual([found.format, found.compression, found.protocol], ['joblib', 'xz', 4]);
    assert.deepEqual(found.sklearnVersions, ['1.9.1']);
    assert.equal(found.tree?.type, 'sklearn.pipeline.Pipeline');
    assert.deepEqual(
      found.tree?.children.map(({ name, type }) => `${name} ${type}`),
      [
        'steps[0].scale sklearn.preprocessing._data.StandardScaler',
        'steps[1].clf sklearn.linear_model._logistic.LogisticRegression',
      ],
    );
    const [, classifier] = found.tree?.children ?? [];
    assert.equal(classifier?.params['C'], '1.0');
    assert.deepEqual(
      classifier?.arrays.find(({ name }) => name === 'coef_'),
      { name: 'coef_', dtype: '<f8', shape: [3, 3] },
    );
    assert.ok(found.globals.every(({ allowed }) => allowed) && found.globals.length > 3);
    assert.equal(found.opcodes['STOP'], 1);
  });

  it('tells the trees of a forest by the first, and which numpy wrote it', () => {
    const found = inspectModelFile(fileOf('1.2.2', 'forest', 'pickle4'));
    const trees = found.tree?.children.filter(({ name }) => name.startsWith('estimators_'));
    assert.deepEqual(
      trees?.map(({ name, alike }) => [name, alike]),
      [['estimators_[0]', 2]],
    );
    assert.equal(found.numpy, '1');
    assert.equal(inspectModelFile(fileOf('1.9.1', 'forest', 'pickle5')).numpy, '2 or newer');
  });

  it('reads skops archives in the same way', () => {
    const found = inspectModelFile(fileOf('1.9.1', 'columns', 'skops'));
    assert.deepEqual([found.format, found.verdict], ['skops', 'safe']);
    assert.equal(found.tree?.type, 'sklearn.compose._column_transformer.ColumnTransformer');
  });

  it('gives the reasons of a refusal, and what was found until then', () => {
    const found = inspectModelFile(
      bytes(proto(4), global4('os', 'system'), str('id'), 0x85, 'R', '.'),
    );
    assert.equal(found.verdict, 'refused');
    assert.deepEqual(
      found.reasons.map(({ code }) => code),
      ['PICKLE_FORBIDDEN_GLOBAL'],
    );
    assert.deepEqual(found.globals, [{ module: 'os', name: 'system', allowed: false, offset: 14 }]);
    assert.equal(found.opcodes['REDUCE'], 1);
  });

  it('is JSON for every file there is', () => {
    for (const { files } of fixtures())
      for (const { bytes: file } of files)
        assert.ok(JSON.stringify(inspectModelFile(file)).length > 100);
  });
});
