import { broadcast, strides } from '../graph/shape.ts';
import type { Dtype, Elements } from '../graph/constant.ts';
import { operand, room } from './folder.ts';
import type { FoldCall, Folder } from './folder.ts';

/** An operation of two numbers, with broadcasting. */
export function binary(
  apply: (a: number, b: number, isInt: boolean) => number,
  result?: Dtype,
): Folder {
  return (call) => {
    const [a, b] = [operand(call, 0), operand(call, 1)];
    const shape = broadcast(a.shape, b.shape, call.name);
    const data = room(call, shape);
    const isInt = a.dtype === 'int32' && b.dtype === 'int32';
    const [fromA, fromB] = [indexer(a, shape), indexer(b, shape)];
    for (let i = 0; i < data.length; i += 1) {
      data[i] = apply(a.data[fromA(i)] ?? 0, b.data[fromB(i)] ?? 0, isInt);
    }
    const widest = a.dtype === 'float32' || b.dtype === 'float32' ? 'float32' : a.dtype;
    return [{ dtype: result ?? widest, shape, data }];
  };
}

export function unary(apply: (x: number) => number): Folder {
  return (call) => {
    const x = operand(call, 0);
    const data = room(call, x.shape);
    for (let i = 0; i < data.length; i += 1) data[i] = apply(x.data[i] ?? 0);
    return [{ dtype: x.dtype, shape: x.shape, data }];
  };
}

/** Select: condition, a, b. */
export function selectFold(call: FoldCall): readonly Elements[] {
  const parts = [operand(call, 0), operand(call, 1), operand(call, 2)] as const;
  const shape = parts.reduce<readonly number[]>((all, p) => broadcast(all, p.shape, call.name), []);
  const data = room(call, shape);
  const [fromC, fromA, fromB] = parts.map((part) => indexer(part, shape));
  const [c, a, b] = parts;
  for (let i = 0; i < data.length; i += 1) {
    const yes = c.data[fromC?.(i) ?? 0];
    data[i] = (yes ? a.data[fromA?.(i) ?? 0] : b.data[fromB?.(i) ?? 0]) ?? 0;
  }
  return [{ dtype: a.dtype, shape, data }];
}

/** Where element i of the broadcast shape comes from. */
function indexer(x: Elements, shape: readonly number[]): (i: number) => number {
  if (x.data.length === 1) return () => 0;
  if (x.shape.length === shape.length && x.shape.every((dim, i) => dim === shape[i]))
    return (i) => i;
  const own = strides(x.shape);
  const lead = shape.length - x.shape.length;
  const outer = strides(shape);
  return (i) => {
    let from = 0;
    for (let axis = lead; axis < shape.length; axis += 1) {
      const at = Math.floor(i / (outer[axis] ?? 1)) % (shape[axis] ?? 1);
      if (x.shape[axis - lead] !== 1) from += at * (own[axis - lead] ?? 0);
    }
    return from;
  };
}
