import type { Box } from '../protocol/image.ts';
import type { SsdOutput } from '../protocol/detector-output.ts';

type Format = SsdOutput['format'];

/** Four numbers of a model as corners, on their own scale. */
export function boxFrom(format: Format, a: number, b: number, c: number, d: number): Box {
  if (format === 'xyxy') return [a, b, c, d];
  if (format === 'yxyx') return [b, a, d, c];
  return [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
}

/** A box in pixels of the input. */
export function boxInInput(
  box: Box,
  scale: SsdOutput['scale'],
  { width, height }: { readonly width: number; readonly height: number },
): Box {
  if (scale === 'pixels') return box;
  return [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
}
