import { FoveaError } from '../errors.ts';
import type { ClassScore } from '../protocol/object.ts';
import { activated } from './activation.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputRows } from './output-tensor.ts';

/**
 * The probability of every class, best first (equal ones in the order of the labels), one list per
 * picture of the batch.
 * @throws FoveaError MODEL_INVALID when the manifest has no labels, or not one per score
 */
export const decodeClasses: OutputDecoder<'classes', ClassScore[][]> = (
  outputs,
  { output, labels },
) => {
  if (labels === undefined) {
    throw new FoveaError('MODEL_INVALID', 'The manifest names no labels; a classifier needs them.');
  }
  return outputRows(outputs, output.scores, labels.length).map((row) => {
    const scores = activated(output.activation)(row);
    return labels
      .map((label, index) => ({ label, class_id: index, score: scores[index] ?? 0 }))
      .toSorted((a, b) => b.score - a.score);
  });
};
