import type { ImageInput } from '../protocol/model-manifest.ts';
import { float32Tensor, type Tensor } from '../tensor/tensor.ts';
import type { Pixels } from './pixels.ts';

/** One channel of the tensor: which byte of a pixel it reads, and v * scale + shift. */
interface Channel {
  readonly from: number;
  readonly scale: number;
  readonly shift: number;
}
type Channels = readonly [Channel, Channel, Channel];

/**
 * Pixels as the model's input: float32 [1, height, width, c] or [1, c, height, width] with c of 3, or
 * 1 for gray; each value (v - mean) / std of its channel. `mean` and `std` are in the order of the
 * tensor's channels.
 * @param out reused when given: `width * height * c` elements, overwritten whole
 * @throws RangeError when the pixels are not of the input's size: letterbox them first
 */
export function imageToTensor(
  pixels: Pixels,
  input: ImageInput,
  out: Float32Array = new Float32Array(valuesOf(input)),
): Tensor<'float32'> {
  if (pixels.width !== input.width || pixels.height !== input.height) {
    throw new RangeError(
      `The picture is ${pixels.width} x ${pixels.height}; the input is ${input.width} x ${input.height}.`,
    );
  }
  fill(pixels.data, input, out);
  return float32Tensor(out, dimsOf(input, 1));
}

/** Several pictures as one batch, their number in the place of the 1. */
export function imagesToTensor(pictures: readonly Pixels[], input: ImageInput): Tensor<'float32'> {
  const values = valuesOf(input);
  const out = new Float32Array(pictures.length * values);
  for (const [index, picture] of pictures.entries()) {
    imageToTensor(picture, input, out.subarray(index * values, (index + 1) * values));
  }
  return float32Tensor(out, dimsOf(input, pictures.length));
}

function channelCount({ channels }: ImageInput): 1 | 3 {
  return channels === 'gray' ? 1 : 3;
}

function valuesOf(input: ImageInput): number {
  return input.width * input.height * channelCount(input);
}

function dimsOf(input: ImageInput, pictures: number): number[] {
  const { width, height } = input;
  return input.layout === 'nhwc'
    ? [pictures, height, width, channelCount(input)]
    : [pictures, channelCount(input), height, width];
}

function fill(data: Uint8Array, input: ImageInput, out: Float32Array): void {
  const channels: Channels = [channelOf(input, 0), channelOf(input, 1), channelOf(input, 2)];
  if (input.channels === 'gray') fillGray(data, channels[0], out);
  else if (input.layout === 'nhwc') fillInterleaved(data, channels, out);
  else fillPlanes(data, channels, out);
}

function channelOf(input: ImageInput, index: 0 | 1 | 2): Channel {
  const scale = 1 / input.std[index];
  const from = input.channels === 'bgr' ? 2 - index : index;
  return { from, scale, shift: -input.mean[index] * scale };
}

// One multiply-add per value on local numbers: the loops stay free of allocation and of calls,
// which is 2-3 times as fast as a nested loop over channels.

function fillInterleaved(data: Uint8Array, [a, b, c]: Channels, out: Float32Array): void {
  const { from: fromA, scale: scaleA, shift: shiftA } = a;
  const { from: fromB, scale: scaleB, shift: shiftB } = b;
  const { from: fromC, scale: scaleC, shift: shiftC } = c;
  for (let at = 0; at < out.length; at += 3) {
    out[at] = (data[at + fromA] ?? 0) * scaleA + shiftA;
    out[at + 1] = (data[at + fromB] ?? 0) * scaleB + shiftB;
    out[at + 2] = (data[at + fromC] ?? 0) * scaleC + shiftC;
  }
}

function fillPlanes(data: Uint8Array, [a, b, c]: Channels, out: Float32Array): void {
  const { from: fromA, scale: scaleA, shift: shiftA } = a;
  const { from: fromB, scale: scaleB, shift: shiftB } = b;
  const { from: fromC, scale: scaleC, shift: shiftC } = c;
  const plane = out.length / 3;
  for (let index = 0, at = 0; index < plane; index++, at += 3) {
    out[index] = (data[at + fromA] ?? 0) * scaleA + shiftA;
    out[plane + index] = (data[at + fromB] ?? 0) * scaleB + shiftB;
    out[2 * plane + index] = (data[at + fromC] ?? 0) * scaleC + shiftC;
  }
}

/** Luma of Rec. 601, as protocol/model-manifest.ts says; one channel lies the same in both layouts. */
function fillGray(data: Uint8Array, { scale, shift }: Channel, out: Float32Array): void {
  for (let index = 0, at = 0; index < out.length; index++, at += 3) {
    const luma =
      0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
    out[index] = luma * scale + shift;
  }
}
