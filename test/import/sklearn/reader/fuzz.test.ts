import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzz } from './fuzz.ts';

const cases = 8000;

describe('real files, damaged at random', () => {
  it(`give a value or a SklearnImportError, soon and without growth, ${cases} times`, () => {
    const outcomes = fuzz(cases, 20_261_121);
    // The cases reach beyond the first check: many files still read, and many kinds of refusal occur.
    assert.ok((outcomes.get('read') ?? 0) > cases / 20, JSON.stringify([...outcomes]));
    assert.ok(outcomes.size >= 8, JSON.stringify([...outcomes]));
  });
});
