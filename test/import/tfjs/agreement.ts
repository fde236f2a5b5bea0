import assert from 'node:assert/strict';
import type { Flat } from './oracle.ts';

/**
 * How far two float32 tensors are apart:
 * - `relative`: the largest difference over the largest magnitude of the reference;
 * - `element`: the largest difference of one element over its own magnitude, among the elements that reach
 *   10 % of the largest magnitude (below that, cancellation in float32 says nothing about the importer).
 */
function distance(actual: Flat, expected: Flat): { relative: number; element: number } {
  let [worst, element, largest] = [0, 0, 0];
  for (const value of expected.data)
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  expected.data.forEach((value, i) => {
    const other = actual.data[i] ?? Number.NaN;
    if (Object.is(value, other) || value === other || (Number.isNaN(value) && Number.isNaN(other)))
      return;
    const difference = Number.isNaN(other - value) ? Infinity : Math.abs(other - value);
    worst = Math.max(worst, difference);
    if (Math.abs(value) >= largest * 0.1) element = Math.max(element, difference / Math.abs(value));
  });
  return { relative: largest === 0 ? worst : worst / largest, element };
}

/** Same type and shape; integers and bools equal, floats within the tolerance, an element of its own within five times that. */
export function assertAgrees(actual: Flat, expected: Flat, tolerance: number, name: string): void {
  assert.deepEqual([...actual.shape], [...expected.shape], `${name}: shape`);
  assert.equal(actual.dtype, expected.dtype, `${name}: type`);
  if (expected.dtype !== 'float32') {
    assert.deepEqual(Array.from(actual.data, Number), Array.from(expected.data, Number), name);
    return;
  }
  const { relative, element } = distance(actual, expected);
  assert.ok(
    relative <= tolerance,
    `${name}: relative difference ${relative}, allowed ${tolerance}`,
  );
  assert.ok(
    element <= tolerance,
    `${name}: difference of an element ${element}, allowed ${tolerance}`,
  );
}
