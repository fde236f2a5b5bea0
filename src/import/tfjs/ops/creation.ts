import { scalar } from '../graph/constant.ts';
import type { Dtype } from '../graph/constant.ts';
import { isStatic } from '../graph/shape.ts';
import type { Value } from '../emit/value.ts';
import { input, requireDtype, unsupported } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';

/** Identity, StopGradient…: the same tensor. */
export function identity(call: OpCall): Value {
  const [value] = call.inputs;
  return value ?? input(call, 0);
}

export function identityN(call: OpCall): readonly Value[] {
  return call.inputs;
}

/** Cast: towards zero for float to int, not-zero for bool. */
export function cast(call: OpCall): Value {
  return call.e.cast(input(call, 0), call.attrs.dtype('DstT'));
}

/** ZerosLike and OnesLike. */
export function filledLike(value: 0 | 1): OpHandler {
  return (call) => {
    const { e } = call;
    const x = input(call, 0);
    const target = isStatic(x.shape) ? e.ints(x.shape) : e.node('Shape', [e.plain(x)]);
    return e.value(
      x.dtype,
      x.shape,
      e.node('Expand', [e.constant(scalar(x.dtype, value)), target]),
    );
  };
}

/** Range: start, limit, delta. Its length is known only where all three are, and then it was folded. */
export function range(call: OpCall): Value {
  const { e } = call;
  const parts = [0, 1, 2].map((i) => input(call, i));
  const dtype: Dtype = parts.some((part) => part.dtype === 'float32') ? 'float32' : 'int32';
  const names = parts.map((part) => e.plain(e.cast(part, dtype)));
  return e.value(dtype, [-1], e.node('Range', names));
}

/** FakeQuantWithMinMaxVars is the identity in TensorFlow.js as well. */
export function fakeQuant(call: OpCall): Value {
  return input(call, 0);
}

/** Einsum over floats, as ONNX has it: the equation is the same. */
export function einsum(call: OpCall): Value {
  const { e } = call;
  const values = call.inputs.map((_, i) => input(call, i));
  for (const value of values) requireDtype(call, value, 'float32');
  const equation = call.attrs.text('equation', '').replaceAll(' ', '');
  const parts = /^([a-zA-Z]+(?:,[a-zA-Z]+)*)->([a-zA-Z]*)$/.exec(equation);
  const terms = parts?.[1]?.split(',') ?? [];
  const sizes = new Map<string, number>();
  terms.forEach((term, i) =>
    [...term].forEach((letter, axis) => sizes.set(letter, values[i]?.shape[axis] ?? -1)),
  );
  const fits =
    terms.length === values.length &&
    terms.every((term, i) => term.length === values[i]?.shape.length);
  if (!fits) throw unsupported(call, `the equation "${equation.slice(0, 80)}"`);
  const shape = [...(parts?.[2] ?? '')].map((letter) => sizes.get(letter) ?? -1);
  return e.value(
    'float32',
    shape,
    e.node(
      'Einsum',
      values.map((v) => e.plain(v)),
      { equation },
    ),
  );
}
