import type { SpacePoint } from '../protocol/face.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputRows } from './output-tensor.ts';

/**
 * The landmarks of each picture of the batch, in pixels of the model's input; z, 0 where the model has none, on
 * the same scale.
 */
export const decodeLandmarks: OutputDecoder<'landmarks', SpacePoint[][]> = (
  outputs,
  { input, output },
) => {
  const { points, count, dimensions, span } = output;
  const [shift, scale] = span === 'unit' ? [0, 1] : [1, 0.5];
  const width = input.width * scale;
  const height = input.height * scale;
  return outputRows(outputs, points, valuesPerPicture(outputs[points], count * dimensions)).map(
    (row) => {
      const first = row.length - count * dimensions;
      return Array.from({ length: count }, (_, index): SpacePoint => {
        const [x = 0, y = 0, z = 0] = row.subarray(first + index * dimensions);
        return [(x + shift) * width, (y + shift) * height, dimensions === 3 ? z * width : 0];
      });
    },
  );
};

/** A model may give more points than are meant (1k3d68 gives 1,103); never fewer. */
function valuesPerPicture(
  tensor: { readonly data: Float32Array; readonly dims: readonly number[] } | undefined,
  least: number,
): number {
  const found = tensor ? tensor.data.length / (tensor.dims[0] ?? 1) : least;
  return Number.isInteger(found) && found > least ? found : least;
}
