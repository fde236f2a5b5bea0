import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseParts } from '../../src/images/analysis-parts.ts';
import type { ModelTask } from '../../src/protocol/model-manifest.ts';

const nothingLost = (): boolean => false;
const lost =
  (...tasks: ModelTask[]) =>
  (task: ModelTask): boolean =>
    tasks.includes(task);

describe('what an analysis computes', () => {
  it('has defaults, more with include, else exactly what only names', () => {
    assert.deepEqual(chooseParts({}, nothingLost).want, [
      'faces',
      'objects',
      'age',
      'gender',
      'emotion',
      'liveness',
    ]);
    assert.ok(chooseParts({ include: ['mesh'] }, nothingLost).want.includes('mesh'));
    assert.deepEqual(chooseParts({ only: ['objects'] }, nothingLost).want, ['objects']);
  });

  it('looks for faces when something about them is asked for', () => {
    assert.deepEqual(chooseParts({ only: ['emotion'] }, nothingLost).want, ['emotion', 'faces']);
  });

  it('leaves out default parts whose model failed, and names them', () => {
    const { want, degraded } = chooseParts({}, lost('face-attributes', 'object-detection'));
    assert.deepEqual(want, ['faces', 'emotion', 'liveness']);
    assert.deepEqual(degraded, ['objects', 'age', 'gender']);
  });

  it('keeps what was asked for by name, so that its failure is answered', () => {
    const { want, degraded } = chooseParts({ include: ['age'] }, lost('face-attributes'));
    assert.ok(want.includes('age'));
    assert.deepEqual(degraded, ['gender']);
    assert.deepEqual(chooseParts({ only: ['objects'] }, lost('object-detection')).degraded, []);
  });

  it('refuses only and include together', () => {
    assert.throws(() => chooseParts({ only: ['faces'], include: ['mesh'] }, nothingLost), {
      code: 'REQUEST_INVALID',
    });
  });
});
