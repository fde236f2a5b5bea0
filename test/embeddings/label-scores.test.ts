import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelScores, meanEmbedding } from '../../src/embeddings/label-scores.ts';

const east = Float32Array.of(1, 0);
const north = Float32Array.of(0, 1);
const between = Float32Array.of(Math.SQRT1_2, Math.SQRT1_2);

test('scores are the softmax of scaled cosines, best first', () => {
  const labels = [
    { label: 'north', embedding: north },
    { label: 'between', embedding: between },
    { label: 'east', embedding: east },
  ];
  const found = labelScores(east, labels, 2);
  const parts = [Math.exp(2), Math.exp(2 * Math.SQRT1_2), 1];
  const sum = parts.reduce((total, part) => total + part, 0);
  assert.deepEqual(
    found.map(({ label }) => label),
    ['east', 'between', 'north'],
  );
  for (const [index, { score }] of found.entries())
    assert.ok(Math.abs(score - (parts[index] ?? 0) / sum) < 1e-6);
  assert.ok(Math.abs((found[1]?.similarity ?? 0) - Math.SQRT1_2) < 1e-6);
});

test('a scale of 100 does not overflow, and one label is certain', () => {
  const opposite = Float32Array.of(-1, 0);
  const found = labelScores(
    east,
    [
      { label: 'away', embedding: opposite },
      { label: 'here', embedding: east },
    ],
    1000,
  );
  assert.deepEqual(
    found.map(({ label, score }) => [label, score]),
    [
      ['here', 1],
      ['away', 0],
    ],
  );
  assert.equal(labelScores(east, [{ label: 'only', embedding: opposite }], 100)[0]?.score, 1);
});

test('of several wordings the direction of the mean counts', () => {
  const mean = meanEmbedding([east, north]);
  for (const [at, value] of mean.entries()) assert.ok(Math.abs(value - (between[at] ?? 0)) < 1e-6);
  assert.equal(meanEmbedding([north]), north);
  // Opposites have no mean direction; no NaN comes of it.
  assert.ok(meanEmbedding([east, Float32Array.of(-1, 0)]).every(Number.isFinite));
});
