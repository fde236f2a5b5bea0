import type { Value } from '../emit/value.ts';
import { foldIntoConv } from './conv-folding.ts';
import { input, requireDtype, requireRank, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';
import { requireNhwc } from './window.ts';

/**
 * FusedBatchNorm, V2, V3 at inference: (x - mean) / sqrt(variance + epsilon) * scale + offset, per channel.
 * Only the first of the op's outputs means anything at inference. TensorFlow's default epsilon is 1e-4.
 */
export function fusedBatchNorm(call: OpCall): Value {
  const { e } = call;
  requireNhwc(call);
  const x = input(call, 0);
  requireRank(call, x, 4);
  requireDtype(call, x, 'float32');
  if (call.attrs.bool('is_training', false)) throw unsupported(call, 'is_training is set');
  const epsilon = call.attrs.float('epsilon', 1e-4);
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((i) => input(call, i));
  if (!scale || !offset || !mean || !variance) throw unsupported(call, 'it needs five inputs');
  const factors = affine(scale, offset, mean, variance, epsilon);
  const folded = factors && foldIntoConv(call, x, factors.scale, factors.shift);
  if (folded) return folded;
  const parameters = [scale, offset, mean, variance].map((value) => e.plain(value));
  const name = e.node('BatchNormalization', [e.nchw(x), ...parameters], {
    epsilon: { float: epsilon },
  });
  return e.value('float32', x.shape, name, 'nchw');
}

function affine(scale: Value, offset: Value, mean: Value, variance: Value, epsilon: number) {
  const [s, o, m, v] = [scale, offset, mean, variance].map((value) => value.constant?.data);
  if (!s || !o || !m || !v) return undefined;
  const factors = Float64Array.from(s, (value, i) => value / Math.sqrt((v[i] ?? 0) + epsilon));
  const shift = Float64Array.from(o, (value, i) => value - (m[i] ?? 0) * (factors[i] ?? 0));
  return { scale: factors, shift };
}

/** Local response normalisation over the channels; ONNX divides alpha by the window, TensorFlow doesn't. */
export function lrn(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  requireRank(call, x, 4);
  const size = call.attrs.int('depth_radius', 5) * 2 + 1;
  const name = e.node('LRN', [e.nchw(x)], {
    size,
    alpha: { float: call.attrs.float('alpha', 1) * size },
    beta: { float: call.attrs.float('beta', 0.5) },
    bias: { float: call.attrs.float('bias', 1) },
  });
  return e.value('float32', x.shape, name, 'nchw');
}
