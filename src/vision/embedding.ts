import { FoveaError } from '../errors.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputRows } from './output-tensor.ts';

/** What a recogniser makes of one aligned face. */
export interface FaceEmbedding {
  /** Length 1; compare by dot product. */
  readonly embedding: readonly number[];
  /** Length before normalisation: large for clear faces, small for doubtful ones. */
  readonly norm: number;
}

/**
 * One embedding per picture of the batch.
 * @throws FoveaError MODEL_INVALID when the output is missing, of another size, not finite, or of length 0
 */
export const decodeEmbedding: OutputDecoder<'embedding', FaceEmbedding[]> = (outputs, { output }) =>
  outputRows(outputs, output.values, output.size).map((values) => {
    const norm = lengthOf(values);
    if (norm > 0) return { embedding: Array.from(values, (value) => value / norm), norm };
    throw new FoveaError('MODEL_INVALID', `Output ${output.values} of the model is all zeros.`, {
      output: output.values,
    });
  });

/** The embedding of the sum of both before they were normalised. */
export function sumOf(a: FaceEmbedding, b: FaceEmbedding): FaceEmbedding {
  const sum = a.embedding.map((value, at) => value * a.norm + (b.embedding[at] ?? 0) * b.norm);
  const norm = lengthOf(sum);
  return norm > 0 ? { embedding: sum.map((value) => value / norm), norm } : a;
}

/** Euclidean. */
export function lengthOf(values: ArrayLike<number>): number {
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += (values[index] ?? 0) ** 2;
  return Math.sqrt(squares);
}
