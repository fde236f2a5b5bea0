import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SampleComparison, type Comparison } from '../../src/predict/compare-samples.ts';
import type { DecodedRows } from '../../src/predict/decode-outputs.ts';
import type { ModelSamples } from '../../src/protocol/model-samples.ts';
import type { ModelOutput, ModelSignature } from '../../src/protocol/model-version.ts';

function output(name: string, role: ModelOutput['role'], more: Partial<ModelOutput> = {}) {
  return { name, role, dtype: 'float64' as const, shape: ['N'], ...more };
}

const classifier: ModelSignature = {
  inputs: [],
  outputs: [output('label', 'label'), output('probabilities', 'probabilities')],
  // As keys of an object they come in another order: 2, 10, -1.
  classes: [-1, 2, 10],
};
const regressor: ModelSignature = { inputs: [], outputs: [output('prediction', 'value')] };

function compareSamples(
  signature: ModelSignature,
  samples: ModelSamples,
  decoded: DecodedRows,
  tolerance: number,
): Comparison {
  const comparison = new SampleComparison(signature, samples, tolerance);
  comparison.add(0, decoded);
  return comparison.result();
}

describe('samples against answers', () => {
  it('reads lists in the order of the classes, whatever they are called', () => {
    const decoded = { predictions: [2], probabilities: [{ '2': 0.7, '10': 0.1, '-1': 0.2 }] };
    const ask = (probabilities: unknown) =>
      compareSamples(classifier, { inputs: [0], probabilities: [probabilities] }, decoded, 1e-5);
    assert.equal(ask([0.2, 0.7, 0.1]).failed, false);
    assert.equal(ask({ '-1': 0.2, '2': 0.7, '10': 0.1 }).failed, false);
    const { failed, report } = ask([0.7, 0.1, 0.2]);
    assert.equal(failed, true);
    assert.equal(report.worst?.value, 'probabilities[1]');
    assert.ok(Math.abs((report.max_difference ?? 0) - 0.6) < 1e-12);
  });

  it('takes labels as names: near is not equal, a number may be text', () => {
    const ask = (label: unknown, answer: unknown) =>
      compareSamples(
        classifier,
        { inputs: [0], predictions: [label] },
        { predictions: [answer] },
        0.1,
      );
    assert.equal(ask(1_000_000, 1_000_001).failed, true);
    assert.equal(ask('2', 2).failed, false);
    assert.equal(ask(true, true).failed, false);
    assert.equal(ask(1_000_000, 1_000_001).report.max_difference, null);
  });

  it('measures numbers by the expected one, from 1 on', () => {
    const ask = (expected: unknown, actual: unknown) =>
      compareSamples(
        regressor,
        { inputs: [0], predictions: [expected] },
        { predictions: [actual] },
        1e-5,
      ).failed;
    assert.equal(ask(1_000_000, 1_000_005), false);
    assert.equal(ask(1_000_000, 1_000_050), true);
    assert.equal(ask(0, 2e-5), true);
    assert.equal(ask([1, 2], [1, 2.1]), true);
    assert.equal(ask([1, 2], [1]), true);
    assert.equal(ask(1, Number.NaN), true);
    assert.equal(ask(null, Number.NaN), false);
    assert.equal(ask(1, undefined), true);
  });

  it('goes through several targets by name or in order', () => {
    const outputs = ['b', 'a'].flatMap((target) => [
      output(`label_${target}`, 'label', { target, classes: ['no', 'yes'] }),
      output(`probabilities_${target}`, 'probabilities', { target, classes: ['no', 'yes'] }),
    ]);
    const decoded = {
      predictions: [{ b: 'yes', a: 'no' }],
      probabilities: [{ b: { no: 0.1, yes: 0.9 }, a: { no: 0.8, yes: 0.2 } }],
    };
    const ask = (predictions: unknown, probabilities: unknown) =>
      compareSamples(
        { inputs: [], outputs },
        { inputs: [0], predictions: [predictions], probabilities: [probabilities] },
        decoded,
        1e-5,
      );
    assert.equal(
      ask(
        ['yes', 'no'],
        [
          [0.1, 0.9],
          [0.8, 0.2],
        ],
      ).failed,
      false,
    );
    assert.equal(
      ask({ a: 'no', b: 'yes' }, { a: [0.8, 0.2], b: { yes: 0.9, no: 0.1 } }).failed,
      false,
    );
    assert.equal(
      ask(
        ['no', 'yes'],
        [
          [0.1, 0.9],
          [0.8, 0.2],
        ],
      ).failed,
      true,
    );
    const { report } = ask(
      ['yes', 'no'],
      [
        [0.1, 0.9],
        [0.7, 0.3],
      ],
    );
    assert.equal(report.worst?.value, 'probabilities.a[0]');
    assert.equal(report.values, 6);
  });
});
