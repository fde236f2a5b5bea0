import type { Dtype } from '../graph/constant.ts';
import type { Value } from '../emit/value.ts';
import { input } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';

/** Elementwise on one input, in whichever layout is at hand. `emit` turns the ONNX name. */
function unary(emit: (call: OpCall, x: string, value: Value) => string, result?: Dtype): OpHandler {
  return (call) => {
    const value = input(call, 0);
    return mapped(call, value, result ?? value.dtype, (x) => emit(call, x, value));
  };
}

export function mapped(
  call: OpCall,
  value: Value,
  dtype: Dtype,
  emit: (x: string) => string,
): Value {
  const layout = call.e.layoutOf(value);
  return call.e.value(dtype, value.shape, emit(call.e.in(layout, value)), layout);
}

/** One ONNX node of the same meaning, for any number type. */
export function numeric(opType: string): OpHandler {
  return unary((call, x) => call.e.node(opType, [x]));
}

/** One that ONNX has for floats only; an int32 is widened, and the result is a float32. */
export function floating(opType: string): OpHandler {
  return onFloat((call, x) => call.e.node(opType, [x]));
}

/** Floor, Ceil, Round: nothing to do for integers. Round is half to even on both sides. */
export function rounding(opType: string): OpHandler {
  return (call) => (input(call, 0).dtype === 'float32' ? floating(opType)(call) : input(call, 0));
}

function onFloat(emit: (call: OpCall, x: string) => string): OpHandler {
  return (call) => {
    const value = call.e.cast(input(call, 0), 'float32');
    return mapped(call, value, 'float32', (x) => emit(call, x));
  };
}

export const rsqrt = onFloat(({ e }, x) => e.node('Reciprocal', [e.node('Sqrt', [x])]));
export const square = unary(({ e }, x) => e.node('Mul', [x, x]));
export const expm1 = onFloat(({ e }, x) =>
  e.node('Sub', [e.node('Exp', [x]), e.scalar('float32', 1)]),
);
export const log1p = onFloat(({ e }, x) =>
  e.node('Log', [e.node('Add', [x, e.scalar('float32', 1)])]),
);

export const isNan = predicate(({ e }, x) => e.node('IsNaN', [x]));
export const isInf = predicate(({ e }, x) => e.node('IsInf', [x]));
export const isFinite = predicate(({ e }, x) =>
  e.node('Not', [e.node('Or', [e.node('IsInf', [x]), e.node('IsNaN', [x])])]),
);

function predicate(emit: (call: OpCall, x: string) => string): OpHandler {
  return (call) => {
    const value = call.e.cast(input(call, 0), 'float32');
    return mapped(call, value, 'bool', (x) => emit(call, x));
  };
}
