import type { Dtype } from '../graph/constant.ts';
import type { Value } from '../emit/value.ts';
import { operands } from './broadcasting.ts';
import { clamp } from './clamp.ts';
import { asConvolution, foldIntoConv, perChannel } from './conv-folding.ts';
import { input, requireDtype } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';

type Binary = (call: OpCall, a: Value, b: Value) => Value;

/** A handler for an operation of two inputs, brought to their common type first. */
export function binaryOp(emit: Binary): OpHandler {
  return (call) => emit(call, ...matched(call, input(call, 0), input(call, 1)));
}

/** TensorFlow.js widens bool to int32 to float32 where the two inputs differ (`makeTypesMatch`). */
export function matched(call: OpCall, a: Value, b: Value): [Value, Value] {
  const rank: Readonly<Record<Dtype, number>> = { bool: 0, int32: 1, float32: 2 };
  const dtype = rank[a.dtype] >= rank[b.dtype] ? a.dtype : b.dtype;
  return [call.e.cast(a, dtype), call.e.cast(b, dtype)];
}

/** One ONNX node with NumPy broadcasting; the result has the operands' type unless told otherwise. */
function elementwise(opType: string, result?: Dtype): Binary {
  return (call, a, b) => {
    const { names, layout, shape } = operands(call, a, b);
    const name = call.e.node(opType, names);
    return call.e.value(result ?? a.dtype, shape, name, layout);
  };
}

const plainAdd = elementwise('Add');
const plainSub = elementwise('Sub');
const plainMul = elementwise('Mul');
const plainDiv = elementwise('Div');

export const add: Binary = (call, a, b) => {
  requireDtype(call, a, 'float32', 'int32');
  return shifted(call, a, b, 1) ?? shifted(call, b, a, 1) ?? plainAdd(call, a, b);
};

export const sub: Binary = (call, a, b) => {
  requireDtype(call, a, 'float32', 'int32');
  return shifted(call, a, b, -1) ?? plainSub(call, a, b);
};

export const mul: Binary = (call, a, b) => {
  requireDtype(call, a, 'float32', 'int32');
  return scaled(call, a, b) ?? scaled(call, b, a) ?? plainMul(call, a, b);
};

/** x plus or minus a constant per channel, as a convolution. */
function shifted(call: OpCall, x: Value, constant: Value, sign: 1 | -1): Value | undefined {
  const terms = perChannel(constant, x);
  const shift = terms && Float32Array.from(terms, (term) => sign * term);
  return (
    shift && (foldIntoConv(call, x, undefined, shift) ?? asConvolution(call, x, undefined, shift))
  );
}

/** x times a constant per channel, as a convolution. */
function scaled(call: OpCall, x: Value, constant: Value): Value | undefined {
  const scale = perChannel(constant, x);
  if (!scale) return undefined;
  return (
    scaledClamp(call, x, scale) ??
    foldIntoConv(call, x, scale, undefined) ??
    asConvolution(call, x, scale, undefined)
  );
}

/** clip(conv, low, high) * s is clip(conv * s, low * s, high * s) for one s above 0: half of a hard swish. */
function scaledClamp(call: OpCall, x: Value, scale: ArrayLike<number>): Value | undefined {
  const [s = 0] = Array.from(scale);
  if (x.origin?.kind !== 'clamp' || s <= 0 || Array.from(scale).some((factor) => factor !== s))
    return undefined;
  const { source, low, high } = x.origin;
  const inner = foldIntoConv(call, source, scale, undefined);
  return inner && clamp(call, inner, low * s, high * s);
}

/** Division of integers rounds down, as in TensorFlow.js, where `div` of two int32 is `floorDiv`. */
export const div: Binary = (call, a, b) =>
  a.dtype === 'float32' ? plainDiv(call, a, b) : floorDiv(call, a, b);

export const divNoNan: Binary = (call, a, b) => {
  const { e } = call;
  const quotient = plainDiv(call, a, b);
  const { names, layout } = operands(call, b, quotient);
  const [divisor = '', q = ''] = names;
  const zero = e.scalar(a.dtype, 0);
  const name = e.node('Where', [e.node('Equal', [divisor, zero]), zero, q]);
  return e.value(a.dtype, quotient.shape, name, layout);
};

/** floor(a / b). ONNX divides integers towards zero, so these go through float64, which is exact for int32. */
export const floorDiv: Binary = (call, a, b) => {
  const { e } = call;
  const { names, layout, shape } = operands(call, a, b);
  const isInt = a.dtype !== 'float32';
  const wide = isInt ? names.map((name) => e.castName(name, 'float64')) : names;
  const floor = e.node('Floor', [e.node('Div', wide)]);
  return e.value(a.dtype, shape, isInt ? e.castName(floor, a.dtype) : floor, layout);
};

/** a - floor(a / b) * b, with the sign of b; for integers that is ONNX's own Mod. */
export const floorMod: Binary = (call, a, b) => {
  if (a.dtype === 'int32') return elementwise('Mod')(call, a, b);
  const { e } = call;
  const { names, layout, shape } = operands(call, a, b);
  const [x = '', y = ''] = names;
  // fmod keeps the sign of x; one more y, taken modulo y again, turns it into the sign of y exactly.
  const rest = e.node('Mod', [e.node('Add', [e.node('Mod', [x, y], { fmod: 1 }), y]), y], {
    fmod: 1,
  });
  return e.value(a.dtype, shape, rest, layout);
};

export const squaredDifference: Binary = (call, a, b) => {
  const difference = plainSub(call, a, b);
  return plainMul(call, difference, difference);
};

export const pow: Binary = (call, a, b) => elementwise('Pow')(call, a, b);

export const minimum: Binary = (call, a, b) =>
  clamp(call, a, -Infinity, b.constant) ??
  clamp(call, b, -Infinity, a.constant) ??
  elementwise('Min')(call, a, b);

export const maximum: Binary = (call, a, b) =>
  clamp(call, a, b.constant, Infinity) ??
  clamp(call, b, a.constant, Infinity) ??
  elementwise('Max')(call, a, b);

export function addN(call: OpCall): Value {
  const [first, ...rest] = call.inputs.map((_, i) => input(call, i));
  if (!first) return input(call, 0);
  return rest.reduce((sum, value) => add(call, ...matched(call, sum, value)), first);
}

export function biasAdd(call: OpCall): Value {
  return add(call, input(call, 0), input(call, 1));
}
