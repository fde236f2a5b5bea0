import { lengthOf } from './embedding.ts';

/**
 * What inswapper takes for a face: its embedding times the model's matrix, normalised.
 * @param embedding of length 1, n values
 * @param emap n x n, row by row
 * @returns [n] of length 1
 */
export function swapLatent(embedding: readonly number[], emap: Float32Array): Float32Array {
  const size = embedding.length;
  const sums = new Float64Array(size);
  for (const [row, value] of embedding.entries()) {
    for (let column = 0; column < size; column++)
      sums[column] = (sums[column] ?? 0) + value * (emap[row * size + column] ?? 0);
  }
  const length = lengthOf(sums);
  return Float32Array.from(sums, (value) => (length === 0 ? 0 : value / length));
}
