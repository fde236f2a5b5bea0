import type { Value } from '../emit/value.ts';
import { matched } from './arithmetic.ts';
import { operands } from './broadcasting.ts';
import { input, requireDtype, unsupported } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';
import { mapped } from './unary.ts';

/** Equal, Greater…: two numbers to a bool. */
export function comparison(opType: string, negated = false): OpHandler {
  return (call) => {
    const { e } = call;
    const [a, b] = matched(call, input(call, 0), input(call, 1));
    const { names, layout, shape } = operands(call, a, b);
    const name = e.node(opType, names);
    return e.value('bool', shape, negated ? e.node('Not', [name]) : name, layout);
  };
}

export function logical(opType: 'And' | 'Or'): OpHandler {
  return (call) => {
    const a = input(call, 0);
    const b = input(call, 1);
    for (const value of [a, b]) requireDtype(call, value, 'bool');
    const { names, layout, shape } = operands(call, a, b);
    return call.e.value('bool', shape, call.e.node(opType, names), layout);
  };
}

export function logicalNot(call: OpCall): Value {
  const x = input(call, 0);
  requireDtype(call, x, 'bool');
  return mapped(call, x, 'bool', (name) => call.e.node('Not', [name]));
}

/** Select and SelectV2: condition, value if true, value if false. */
export function select(call: OpCall): Value {
  const { e } = call;
  const [a, b] = matched(call, input(call, 1), input(call, 2));
  const condition = rowCondition(call, input(call, 0), a);
  requireDtype(call, condition, 'bool');
  const { names, layout, shape } = operands(call, condition, a, b);
  if (a.dtype !== 'bool') return e.value(a.dtype, shape, e.node('Where', names), layout);
  // The runtime has no Where for bools: choose among 0 and 1.
  const [c = '', ...choices] = names;
  const ints = choices.map((name) => e.castName(name, 'int32'));
  return e.value('bool', shape, e.castName(e.node('Where', [c, ...ints]), 'bool'), layout);
}

/** The first version of Select takes a vector as condition of whole rows. */
function rowCondition(call: OpCall, condition: Value, a: Value): Value {
  const rank = a.shape.length;
  if (call.op !== 'Select' || condition.shape.length !== 1 || rank < 2) return condition;
  const [length = -1] = condition.shape;
  if (length === -1) throw unsupported(call, 'a condition of unknown length');
  const shape = [length, ...Array.from({ length: rank - 1 }, () => 1)];
  const name = call.e.node('Reshape', [call.e.plain(condition), call.e.ints(shape)]);
  return call.e.value('bool', shape, name);
}

/** Where(condition): the indices of what is true, [count, rank] int32; their number is known at the run. */
export function where(call: OpCall): Value {
  const { e } = call;
  const condition = e.cast(input(call, 0), 'bool');
  const indices = e.node('Transpose', [e.node('NonZero', [e.plain(condition)])], { perm: [1, 0] });
  return e.value('int32', [-1, condition.shape.length], e.castName(indices, 'int32'));
}
