import { elementCount, normalAxis, shapeError, strides } from '../graph/shape.ts';
import type { Elements } from '../graph/constant.ts';
import { int, ints, operand, room } from './folder.ts';
import type { FoldCall, Folder } from './folder.ts';

type Result = readonly Elements[];

export function fillFold(call: FoldCall): Result {
  const value = operand(call, 1);
  const shape = ints(call, 0);
  return [{ dtype: value.dtype, shape, data: room(call, shape).fill(value.data[0] ?? 0) }];
}

export function rangeFold(call: FoldCall): Result {
  const [start, limit, step] = [int(call, 0), int(call, 1), int(call, 2)];
  if (step === 0) throw shapeError(call.name, 'a step of 0');
  const length = Math.max(0, Math.ceil((limit - start) / step));
  const data = room(call, [length]);
  for (let i = 0; i < length; i += 1) data[i] = start + i * step;
  const dtype = call.inputs.some((x) => x.dtype === 'float32') ? 'float32' : 'int32';
  return [{ dtype, shape: [length], data }];
}

/** SparseToDense: indices [n, rank] or [n] or [], shape, values, default. Indices out of range are refused. */
export function sparseToDenseFold(call: FoldCall): Result {
  const indices = ints(call, 0);
  const shape = ints(call, 1);
  const values = operand(call, 2);
  const fallback = operand(call, 3);
  const data = room(call, shape).fill(fallback.data[0] ?? 0);
  const steps = strides(shape);
  for (let row = 0; row * shape.length < indices.length; row += 1) {
    let to = 0;
    shape.forEach((dim, axis) => {
      const at = indices[row * shape.length + axis] ?? 0;
      if (at < 0 || at >= dim) throw shapeError(call.name, `index ${at} of an axis of ${dim}`);
      to += at * (steps[axis] ?? 0);
    });
    data[to] = values.data[values.data.length === 1 ? 0 : row] ?? 0;
  }
  return [{ dtype: values.dtype, shape, data }];
}

/** A reduction over constant axes, as an accumulation from `start`. */
export function reductionFold(
  start: number,
  step: (sum: number, x: number) => number,
  mean = false,
): Folder {
  return (call) => {
    const x = operand(call, 0);
    const axes = new Set(ints(call, 1).map((axis) => normalAxis(axis, x.shape.length, call.name)));
    const kept = x.shape.map((dim, axis) => (axes.has(axis) ? 1 : dim));
    const data = room(call, kept).fill(start);
    const own = strides(x.shape);
    const outer = strides(kept);
    for (let i = 0; i < x.data.length; i += 1) {
      let to = 0;
      kept.forEach((dim, axis) => {
        if (dim > 1) to += (Math.floor(i / (own[axis] ?? 1)) % dim) * (outer[axis] ?? 0);
      });
      data[to] = step(data[to] ?? 0, x.data[i] ?? 0);
    }
    const count = x.data.length / Math.max(1, elementCount(kept));
    const keep = call.attrs.bool('keep_dims', false);
    const shape = keep ? kept : kept.filter((_, axis) => !axes.has(axis));
    const dtype = x.dtype === 'bool' && !['All', 'Any'].includes(call.op) ? 'int32' : x.dtype;
    return [{ dtype, shape, data: mean ? data.map((sum) => sum / count) : data }];
  };
}

export function castFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const dtype = call.attrs.dtype('DstT');
  if (dtype === 'float32' || dtype === x.dtype) return [{ ...x, dtype }];
  const convert = dtype === 'bool' ? (v: number) => (v === 0 ? 0 : 1) : Math.trunc;
  return [{ dtype, shape: x.shape, data: Float64Array.from(x.data, convert) }];
}
