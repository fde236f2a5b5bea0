import assert from 'node:assert/strict';
import type { Flat } from './oracle.ts';

/**
 * Outputs that are all smaller than this are measured against it: the runtime's Sigmoid is an approximation
 * with an error of about 3e-8, which is 2e-4 of a face flag of 1e-4, and means nothing.
 */
const smallestScale = 0.01;

/**
 * How far two float32 tensors are apart, the scale being the largest magnitude of the reference:
 * - `relative`: the largest difference over the scale;
 * - `element`: the largest difference of one element over its own magnitude, among those that reach 10 % of
 *   the scale (below that, sums that nearly cancel say nothing about the importer).
 */
function distance(actual: Flat, expected: Flat): { relative: number; element: number } {
  let [worst, element, scale] = [0, 0, smallestScale];
  for (const value of expected.data) {
    if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  }
  expected.data.forEach((value, i) => {
    const other = actual.data[i] ?? Number.NaN;
    if (value === other || (Number.isNaN(value) && Number.isNaN(other))) return;
    const difference = Number.isFinite(other - value) ? Math.abs(other - value) : Infinity;
    worst = Math.max(worst, difference);
    if (Math.abs(value) >= scale * 0.1) element = Math.max(element, difference / Math.abs(value));
  });
  return { relative: worst / scale, element };
}

/**
 * Same type and shape; integers and bools equal; floats within `tolerance` of the scale, and an element that
 * counts within five times that of its own magnitude.
 */
export function assertAgrees(actual: Flat, expected: Flat, tolerance: number, name: string): void {
  assert.deepEqual([...actual.shape], [...expected.shape], `${name}: shape`);
  assert.equal(actual.dtype, expected.dtype, `${name}: type`);
  if (expected.dtype !== 'float32') {
    assert.deepEqual(Array.from(actual.data, Number), Array.from(expected.data, Number), name);
    return;
  }
  const { relative, element } = distance(actual, expected);
  assert.ok(relative <= tolerance, `${name}: difference ${relative}, allowed ${tolerance}`);
  const own = 5 * tolerance;
  assert.ok(element <= own, `${name}: difference of an element ${element}, allowed ${own}`);
}
