import type { OutputDecoder } from './output-decoder.ts';
import { outputRows } from './output-tensor.ts';
import type { Pixels } from './pixels.ts';

/**
 * The faces that a swapping model paints: RGB planes, 0 to 1 or -1 to 1, cut to whole values of 0 to 255 as insightface does.
 * @throws FoveaError MODEL_INVALID when the output is missing, of another size, or not finite (as half-precision
 *   models give it where they overflow)
 */
export const decodeSwappedFace: OutputDecoder<'swapped-face', Pixels[]> = (
  outputs,
  { input: { width, height }, output },
) =>
  outputRows(outputs, output.picture, 3 * width * height).map((planes) => {
    const plane = width * height;
    const [scale, shift] = output.span === 'signed' ? [127.5, 127.5] : [255, 0];
    const byteOf = (value = 0): number =>
      Math.min(255, Math.max(0, Math.trunc(value * scale + shift)));
    const data = new Uint8Array(3 * plane);
    for (let index = 0, at = 0; index < plane; index++, at += 3) {
      data[at] = byteOf(planes[index]);
      data[at + 1] = byteOf(planes[plane + index]);
      data[at + 2] = byteOf(planes[2 * plane + index]);
    }
    return { data, width, height };
  });
