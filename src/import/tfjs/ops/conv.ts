import { transposed } from '../fold/transposed.ts';
import type { Constant } from '../graph/constant.ts';
import { isStatic, shapeError } from '../graph/shape.ts';
import type { ConvOrigin, Value } from '../emit/value.ts';
import { fusedActivation } from './activation.ts';
import { add } from './arithmetic.ts';
import { input, requireDtype, requireRank, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';
import { padded, requireNhwc, spatial } from './window.ts';
import type { Window } from './window.ts';

/** Conv2D: x [n, h, w, c], filter [kh, kw, c / groups, out] to [n, h', w', out]. */
export function conv2d(call: OpCall): Value {
  const filter = checkedFilter(call);
  const [, , perGroup = 0, out = 0] = filter.shape;
  const channels = channelsOf(call);
  if (perGroup < 1 || channels % perGroup !== 0 || out % (channels / perGroup) !== 0) {
    throw shapeError(
      call.name,
      `filter [${filter.shape.join()}] does not fit ${channels} channels`,
    );
  }
  const weights = filter.constant ? transposed(filter.constant, [3, 2, 0, 1]) : undefined;
  return convolve(call, filter, weights, [3, 2, 0, 1], channels / perGroup, out);
}

/** DepthwiseConv2dNative: filter [kh, kw, c, m]; output channel c * m + j comes from input channel c. */
export function depthwiseConv2d(call: OpCall): Value {
  const filter = checkedFilter(call);
  const [kh = 0, kw = 0, channels = 0, multiplier = 0] = filter.shape;
  if (channels !== channelsOf(call)) {
    throw shapeError(
      call.name,
      `filter [${filter.shape.join()}] does not fit ${channelsOf(call)} channels`,
    );
  }
  if (!filter.constant)
    throw unsupported(call, 'the filter of a depthwise convolution must be constant');
  const out = channels * multiplier;
  const weights = { ...transposed(filter.constant, [2, 3, 0, 1]), shape: [out, 1, kh, kw] };
  return convolve(call, filter, weights, [], channels, out);
}

/** _FusedConv2D and FusedDepthwiseConv2dNative: inputs x, filter, then what `fused_ops` names needs. */
export function fusedConv2d(call: OpCall): Value {
  return fused(call, conv2d(call));
}

export function fusedDepthwiseConv2d(call: OpCall): Value {
  return fused(call, depthwiseConv2d(call));
}

function fused(call: OpCall, conv: Value): Value {
  const ops = [...call.attrs.texts('fused_ops')];
  let next = 2;
  let value = conv;
  if (ops[0] === 'BiasAdd') {
    ops.shift();
    value = add(call, value, input(call, next));
    next += 1;
  }
  const [activation, ...more] = ops;
  if (more.length > 0)
    throw unsupported(call, `fused_ops ${call.attrs.texts('fused_ops').join('+').slice(0, 80)}`);
  return activation === undefined ? value : fusedActivation(call, activation, value, next);
}

function checkedFilter(call: OpCall): Value {
  requireNhwc(call);
  const filter = input(call, 1);
  requireRank(call, input(call, 0), 4);
  requireRank(call, filter, 4);
  requireDtype(call, input(call, 0), 'float32');
  requireDtype(call, filter, 'float32');
  if (isStatic(filter.shape) && !filter.shape.includes(0)) return filter;
  throw shapeError(call.name, `filter [${filter.shape.join()}] must be known and not empty`);
}

function channelsOf(call: OpCall): number {
  const channels = input(call, 0).shape[3] ?? -1;
  if (channels > 0) return channels;
  throw shapeError(call.name, `the number of input channels is ${channels}, it must be known`);
}

function convolve(
  call: OpCall,
  filter: Value,
  weights: Constant | undefined,
  perm: readonly number[],
  group: number,
  out: number,
): Value {
  const { e } = call;
  const [kh = 1, kw = 1] = filter.shape;
  const window: Window = {
    kernel: [kh, kw],
    stride: spatial(call, 'strides'),
    dilation: spatial(call, 'dilations'),
  };
  const { source, attributes, size } = absorbPad(call, input(call, 0), window);
  const w = weights ? e.constant(weights) : e.node('Transpose', [e.plain(filter)], { perm });
  const node = e.nodes('Conv', [e.nchw(source), w], 1, {
    kernel_shape: window.kernel,
    strides: window.stride,
    dilations: window.dilation,
    group,
    ...attributes,
  });
  const value = e.value(
    'float32',
    [source.shape[0] ?? -1, ...size, out],
    node.outputs[0] ?? '',
    'nchw',
  );
  return weights
    ? { ...value, origin: { kind: 'conv', node, weights } satisfies ConvOrigin }
    : value;
}

/** A Pad of zeros in front of a convolution becomes the convolution's own. */
function absorbPad(call: OpCall, x: Value, window: Window) {
  const [, h = -1, w = -1] = x.shape;
  const { attributes, size, pads } = padded(call, [h, w], window);
  if (x.origin?.kind !== 'pad' || !pads) return { source: x, attributes, size };
  const [top, left, bottom, right] = x.origin.pads;
  const sum = [pads[0] + top, pads[1] + left, pads[2] + bottom, pads[3] + right];
  return { source: x.origin.source, attributes: { pads: sum }, size };
}

/**
 * Conv2DBackpropInput (transposed convolution): output size, filter [kh, kw, out, in], x [n, h, w, in].
 * The padding is that of the forward convolution from the output to x.
 */
export function conv2dBackpropInput(call: OpCall): Value {
  const { e } = call;
  requireNhwc(call);
  const filter = input(call, 1);
  const x = input(call, 2);
  for (const value of [filter, x]) {
    requireRank(call, value, 4);
    requireDtype(call, value, 'float32');
  }
  const target = outputSize(call);
  const [kh = 1, kw = 1, out = 1] = filter.shape;
  const window: Window = {
    kernel: [kh, kw],
    stride: spatial(call, 'strides'),
    dilation: spatial(call, 'dilations'),
  };
  const { pads, size } = padded(call, target, window);
  const extra = [0, 1].map((i) => {
    const grown =
      ((x.shape[i + 1] ?? -1) - 1) * (window.stride[i] ?? 1) +
      ((window.kernel[i] ?? 1) - 1) * (window.dilation[i] ?? 1) +
      1;
    return (target[i] ?? 0) - grown + (pads?.[i] ?? 0) + (pads?.[i + 2] ?? 0);
  });
  if (!pads || size[0] !== x.shape[1] || size[1] !== x.shape[2] || extra.some((pad) => pad < 0)) {
    throw shapeError(
      call.name,
      `[${x.shape.join()}] is not what a convolution makes of [${target.join()}]`,
    );
  }
  const weights = filter.constant
    ? e.constant(transposed(filter.constant, [3, 2, 0, 1]))
    : e.node('Transpose', [e.plain(filter)], { perm: [3, 2, 0, 1] });
  const name = e.node('ConvTranspose', [e.nchw(x), weights], {
    kernel_shape: window.kernel,
    strides: window.stride,
    dilations: window.dilation,
    pads,
    output_padding: extra,
  });
  return e.value('float32', [x.shape[0] ?? -1, ...target, out], name, 'nchw');
}

function outputSize(call: OpCall): [number, number] {
  const sizes = input(call, 0).constant?.data ?? input(call, 0).dims ?? [];
  const [h = Number.NaN, w = Number.NaN] = [...sizes].slice(sizes.length - 3);
  if ((sizes.length === 4 || sizes.length === 3) && h >= 1 && w >= 1) return [h, w];
  throw unsupported(call, 'height and width of the output must be constant');
}
