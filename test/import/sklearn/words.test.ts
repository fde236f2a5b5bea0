import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyzerOf } from '../../../src/import/sklearn/text/analyze.ts';
import { javascriptPattern } from '../../../src/import/sklearn/text/python-pattern.ts';

const patterns = [
  '(?u)\\b\\w\\w+\\b',
  '\\w+',
  '[a-z]+',
  '\\b[^\\d\\W]+\\b',
  '[^\\s]+',
  '\\S+',
  '(\\w+)-',
  "\\b\\w+(?:'\\w+)?\\b",
  '\\d{2,4}|\\w\\B\\w',
  '[\\w.]+@[\\w.]+',
  '\\Bx\\w*',
] as const;

/** Texts of every character of ASCII, the same in each run. */
function asciiTexts(): string[] {
  let state = 20261121;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: 300 }, () =>
    Array.from({ length: next(60) }, () =>
      next(3) === 0 ? String.fromCharCode(next(128)) : 'ab x1_-'[next(7)],
    ).join(''),
  );
}

describe('words of texts', () => {
  it('are the same by the expression for ASCII and by the one for everything', () => {
    let found = 0;
    for (const pythonPattern of patterns) {
      const pattern = javascriptPattern(pythonPattern);
      if (pattern === undefined) continue;
      found += 1;
      const words = analyzerOf({
        kind: 'word',
        lowercase: false,
        stripAccents: null,
        pattern,
        pythonPattern,
        stopWords: [],
        ngrams: [1, 1],
      });
      // An ideographic space is no word, but no ASCII either.
      for (const text of asciiTexts())
        assert.deepEqual(
          words(text),
          words(`${text}\u3000`),
          `${pythonPattern} ${JSON.stringify(text)}`,
        );
    }
    assert.ok(found > patterns.length / 2, `${found} expressions`);
  });
});
