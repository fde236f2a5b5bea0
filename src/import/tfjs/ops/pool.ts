import type { Value } from '../emit/value.ts';
import { input, requireDtype, requireRank } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';
import { padded, requireNhwc, spatial } from './window.ts';

/**
 * MaxPool and AvgPool over [n, h, w, c]. Padding never counts: it is minus infinity for the maximum and
 * is left out of the average's divisor, which are ONNX's defaults too.
 */
export function pool(opType: 'MaxPool' | 'AveragePool'): OpHandler {
  return (call: OpCall): Value => {
    const { e } = call;
    requireNhwc(call);
    const x = input(call, 0);
    requireRank(call, x, 4);
    requireDtype(call, x, 'float32');
    const [n = -1, h = -1, w = -1, c = -1] = x.shape;
    const window = {
      kernel: spatial(call, 'ksize'),
      stride: spatial(call, 'strides'),
      dilation: [1, 1] as const,
    };
    const { size, attributes } = padded(call, [h, w], window);
    const name = e.node(opType, [e.nchw(x)], {
      kernel_shape: window.kernel,
      strides: window.stride,
      ...attributes,
    });
    return e.value('float32', [n, ...size, c], name, 'nchw');
  };
}
