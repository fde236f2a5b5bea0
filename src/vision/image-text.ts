import { FoveaError } from '../errors.ts';
import { lengthOf } from './embedding.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputRows, type OutputTensors } from './output-tensor.ts';

/** One embedding of length 1 per picture. @throws FoveaError MODEL_INVALID as `unitRows`. */
export const decodeImageText: OutputDecoder<'image-text', Float32Array[]> = (outputs, { output }) =>
  unitRows(outputs, output.values, output.size);

/**
 * The rows of an output [n, size], each brought to length 1; copies.
 * @throws FoveaError MODEL_INVALID when it is missing, of another size, not finite, or of length 0
 */
export function unitRows(outputs: OutputTensors, name: string, size: number): Float32Array[] {
  return outputRows(outputs, name, size).map((values) => {
    const length = lengthOf(values);
    if (length > 0) return values.map((value) => value / length);
    throw new FoveaError('MODEL_INVALID', `Output ${name} of the model is all zeros.`, {
      output: name,
    });
  });
}
