import { transposed } from '../fold/transposed.ts';
import { broadcast } from '../graph/shape.ts';
import { perAxisIn, toNchw } from '../emit/value.ts';
import type { Layout, Value } from '../emit/value.ts';
import type { OpCall } from './op-call.ts';

export interface Operands {
  readonly names: readonly string[];
  readonly layout: Layout;
  /** The broadcast shape, in TensorFlow's order. */
  readonly shape: readonly number[];
}

/**
 * Operands of an elementwise operation, in one layout: NCHW if a rank-4 one is at hand in that form and
 * the others can follow (constants are rearranged here, at no cost), otherwise TensorFlow's.
 */
export function operands(call: OpCall, ...values: readonly Value[]): Operands {
  const { e } = call;
  const shape = values.reduce<readonly number[]>(
    (all, v) => broadcast(all, v.shape, call.name),
    [],
  );
  const ready = values.some(
    (v) => v.shape.length === 4 && v.names.nchw !== undefined && !v.constant,
  );
  if (!ready || !values.every(canFollow)) {
    return { names: values.map((v) => e.plain(v)), layout: 'plain', shape };
  }
  return { names: values.map((v) => followed(call, v)), layout: 'nchw', shape };
}

function canFollow(value: Value): boolean {
  const { shape, constant } = value;
  return (
    constant !== undefined ||
    shape.length === 4 ||
    shape.length === 0 ||
    (shape.length === 1 && shape[0] !== -1)
  );
}

function followed(call: OpCall, value: Value): string {
  const { e } = call;
  const { shape, constant } = value;
  if (shape.length === 4) return e.nchw(value);
  if (shape.length === 0) return e.plain(value);
  const grown = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
  if (constant) return e.constant(transposed({ ...constant, shape: grown }, toNchw));
  return e.node('Reshape', [e.plain(value), e.ints(perAxisIn('nchw', grown))]);
}
