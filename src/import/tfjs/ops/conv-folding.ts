import type { Constant } from '../graph/constant.ts';
import type { ConvOrigin, Value } from '../emit/value.ts';
import type { OpCall } from './op-call.ts';

/**
 * `conv(x) * scale + shift` per output channel as one convolution with other constants, or undefined
 * where `value` is not a convolution with constant weights. The old node stays for who else reads it
 * and is dropped when nobody does.
 * @param scale [out] factors; undefined means 1
 * @param shift [out] terms; undefined means 0
 */
export function foldIntoConv(
  call: OpCall,
  value: Value,
  scale: ArrayLike<number> | undefined,
  shift: ArrayLike<number> | undefined,
): Value | undefined {
  const origin = value.origin;
  if (origin?.kind !== 'conv') return undefined;
  const { e } = call;
  const weights = scale ? scaled(origin.weights, scale) : origin.weights;
  const bias = shiftedBias(origin, scale, shift);
  const [x = '', w = ''] = origin.node.inputs;
  const inputs = [x, scale ? e.constant(weights) : w, e.constant(bias)];
  const node = e.nodes('Conv', inputs, 1);
  node.attributes = origin.node.attributes;
  const result = e.value('float32', value.shape, node.outputs[0] ?? '', 'nchw');
  return { ...result, origin: { kind: 'conv', node, weights, bias } };
}

/**
 * `value * scale + shift` where that is not part of a convolution already: as a depthwise convolution of
 * 1 x 1. The runtime keeps convolutions in blocks of 8 or 16 channels and has no addition or product with
 * a constant for blocks; as a convolution it stays in blocks, and a limit behind it merges into it.
 * Undefined where the value is not in NCHW, or its channels do not fill blocks.
 */
export function asConvolution(
  call: OpCall,
  value: Value,
  scale: ArrayLike<number> | undefined,
  shift: ArrayLike<number> | undefined,
): Value | undefined {
  const { e } = call;
  const channels = value.shape[3] ?? -1;
  const inBlocks = e.layoutOf(value) === 'nchw' && channels > 0 && channels % 16 === 0;
  if (!inBlocks || value.dtype !== 'float32') return undefined;
  const ones = Float32Array.from({ length: channels }, (_, i) => scale?.[i] ?? 1);
  const weights: Constant = { dtype: 'float32', shape: [channels, 1, 1, 1], data: ones };
  const terms = Float32Array.from({ length: channels }, (_, i) => shift?.[i] ?? 0);
  const bias: Constant = { dtype: 'float32', shape: [channels], data: terms };
  const inputs = [e.nchw(value), e.constant(weights), e.constant(bias)];
  const node = e.nodes('Conv', inputs, 1, { kernel_shape: [1, 1], group: channels });
  const result = e.value('float32', value.shape, node.outputs[0] ?? '', 'nchw');
  return { ...result, origin: { kind: 'conv', node, weights, bias } };
}

/** The elements of a constant that varies along the last axis only, one per channel of `value`. */
export function perChannel(operand: Value, value: Value): ArrayLike<number> | undefined {
  const { constant } = operand;
  const channels = value.shape.at(-1) ?? -1;
  if (constant?.dtype !== 'float32' || operand.shape.length > value.shape.length) return undefined;
  const { data } = constant;
  if (data.length === 1) return Float32Array.from({ length: channels }, () => data[0] ?? 0);
  return data.length === channels && operand.shape.at(-1) === channels ? data : undefined;
}

function scaled(weights: Constant, scale: ArrayLike<number>): Constant {
  const perOutput = weights.data.length / (weights.shape[0] ?? 1);
  const data = Float32Array.from(
    weights.data,
    (w, i) => w * (scale[Math.floor(i / perOutput)] ?? 1),
  );
  return { ...weights, data };
}

function shiftedBias(
  origin: ConvOrigin,
  scale: ArrayLike<number> | undefined,
  shift: ArrayLike<number> | undefined,
): Constant {
  const channels = origin.weights.shape[0] ?? 0;
  const data = Float32Array.from(
    { length: channels },
    (_, i) => (origin.bias?.data[i] ?? 0) * (scale?.[i] ?? 1) + (shift?.[i] ?? 0),
  );
  return { dtype: 'float32', shape: [channels], data };
}
