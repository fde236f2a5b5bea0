import type { AttributeValue } from '../../../onnx/graph-builder.ts';
import type { Value } from '../emit/value.ts';
import { operands } from './broadcasting.ts';
import { clamp } from './clamp.ts';
import { perChannel } from './conv-folding.ts';
import { input, unsupported } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';
import { mapped } from './unary.ts';

type Activation = (call: OpCall, x: Value) => Value;

function node(
  opType: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Activation {
  return (call, x) => mapped(call, x, 'float32', (name) => call.e.node(opType, [name], attributes));
}

function limited(low: number, high: number): Activation {
  return (call, x) => clamp(call, x, low, high) ?? x;
}

/** alpha 0.2 is TensorFlow's default. */
const leakyRelu =
  (attribute: string): Activation =>
  (call, x) =>
    node('LeakyRelu', { alpha: { float: call.attrs.float(attribute, 0.2) } })(call, x);

const activations = {
  Relu: limited(0, Infinity),
  Relu6: limited(0, 6),
  Elu: node('Elu'),
  // The constants that both sides round to float32.
  Selu: node('Selu'),
  Sigmoid: node('Sigmoid'),
  Tanh: node('Tanh'),
  Softplus: node('Softplus'),
  LeakyRelu: leakyRelu('alpha'),
} as const satisfies Record<string, Activation>;

/** A handler for an activation as a node of its own; an int32 input becomes float32. */
export function activation(name: keyof typeof activations): OpHandler {
  return (call) => activations[name](call, call.e.cast(input(call, 0), 'float32'));
}

/** What `fused_ops` of a fused convolution or product names; `next` is the input a Prelu reads. */
export function fusedActivation(call: OpCall, name: string, x: Value, next: number): Value {
  if (name === 'Prelu') return prelu(call, x, input(call, next));
  if (name === 'LeakyRelu') return leakyRelu('leakyrelu_alpha')(call, x);
  if (Object.hasOwn(activations, name))
    return activations[name as keyof typeof activations](call, x);
  throw unsupported(call, `the fused operation ${name.slice(0, 40)}`);
}

export function preluOp(call: OpCall): Value {
  return prelu(call, input(call, 0), input(call, 1));
}

/** x where x >= 0, otherwise alpha * x; alpha broadcasts against x. */
function prelu(call: OpCall, x: Value, alpha: Value): Value {
  const { names, layout, shape } = operands(call, x, alpha);
  if (shape.some((dim, i) => dim !== x.shape[i])) throw unsupported(call, 'alpha is larger than x');
  const slopes = layout === 'nchw' ? perChannel(alpha, x) : undefined;
  if (slopes && Array.from(slopes).every((slope) => Math.abs(slope) <= 2))
    return sumOfTwo(call, x, slopes);
  return call.e.value('float32', shape, call.e.node('PRelu', names), layout);
}

/**
 * alpha * x + (1 - alpha) * relu(x). The runtime keeps convolutions in blocks of channels, and PRelu is not
 * among the operations it has for blocks: going back and forth doubled the time of facemesh and iris. Written
 * so, it stays in blocks. Slopes beyond 2 would cost precision where x is positive, so those stay a PRelu.
 */
function sumOfTwo(call: OpCall, x: Value, slopes: ArrayLike<number>): Value {
  const { e } = call;
  const vector = (of: (slope: number) => number): string =>
    e.constant({ dtype: 'float32', shape: [slopes.length], data: Float32Array.from(slopes, of) });
  const [zero, one] = [vector(() => 0), vector(() => 1)];
  const scaled = (name: string, factors: string): string =>
    e.node('BatchNormalization', [name, factors, zero, zero, one], { epsilon: { float: 0 } });
  const name = e.nchw(x);
  const whole = scaled(
    name,
    vector((slope) => slope),
  );
  const positive = scaled(
    e.node('Relu', [name]),
    vector((slope) => 1 - slope),
  );
  return e.value('float32', x.shape, e.node('Add', [whole, positive]), 'nchw');
}

/** Softmax and LogSoftmax work along the last axis, which is the second one in NCHW. */
export function softmax(opType: 'Softmax' | 'LogSoftmax'): OpHandler {
  return (call) => {
    const { e } = call;
    const x = e.cast(input(call, 0), 'float32');
    if (x.shape.length === 0) throw unsupported(call, 'softmax of a scalar');
    const layout = e.layoutOf(x);
    const axis = layout === 'nchw' ? 1 : x.shape.length - 1;
    return e.value('float32', x.shape, e.node(opType, [e.in(layout, x)], { axis }), layout);
  };
}
