import { elementCount, normalAxis, shapeError, strides } from '../graph/shape.ts';
import type { Elements } from '../graph/constant.ts';
import { planStridedSlice, readMasks, sliceBounds, sliceLength } from '../ops/slice-plan.ts';
import { int, ints, operand, room } from './folder.ts';
import type { FoldCall } from './folder.ts';
import { permuted } from './transposed.ts';

type Result = readonly Elements[];

export function reshapeFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const target = ints(call, 1);
  const known = target.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const shape = target.map((dim) => (dim === -1 ? x.data.length / Math.max(known, 1) : dim));
  if (
    elementCount(shape) !== x.data.length ||
    shape.some((dim) => dim < 0 || !Number.isInteger(dim))
  ) {
    throw shapeError(
      call.name,
      `[${x.shape.join()}] cannot become [${target.slice(0, 16).join()}]`,
    );
  }
  return [{ ...x, shape }];
}

export function squeezeFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const axes = call.attrs
    .ints('squeeze_dims')
    .map((axis) => normalAxis(axis, x.shape.length, call.name));
  if (axes.some((axis) => x.shape[axis] !== 1))
    throw shapeError(call.name, `axes ${axes.join()} are not 1`);
  const gone = (dim: number, axis: number): boolean =>
    axes.length > 0 ? axes.includes(axis) : dim === 1;
  return [{ ...x, shape: x.shape.filter((dim, axis) => !gone(dim, axis)) }];
}

export function expandDimsFold(call: FoldCall): Result {
  const x = operand(call, 0);
  return [
    {
      ...x,
      shape: x.shape.toSpliced(normalAxis(int(call, 1), x.shape.length + 1, call.name), 0, 1),
    },
  ];
}

export function transposeFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const perm = ints(call, 1);
  if (
    perm.toSorted((a, b) => a - b).some((axis, i) => axis !== i) ||
    perm.length !== x.shape.length
  ) {
    throw shapeError(
      call.name,
      `[${perm.slice(0, 16).join()}] is no order of ${x.shape.length} axes`,
    );
  }
  return [permuted(x, perm)];
}

export function packFold(call: FoldCall): Result {
  const rank = operand(call, 0).shape.length;
  const axis = normalAxis(call.attrs.int('axis', 0), rank + 1, call.name);
  const parts = call.inputs.map((x) => ({ ...x, shape: x.shape.toSpliced(axis, 0, 1) }));
  return [joined(call, parts, axis)];
}

export function concatFold(call: FoldCall): Result {
  const axis = normalAxis(
    int(call, call.inputs.length - 1),
    operand(call, 0).shape.length,
    call.name,
  );
  return [joined(call, call.inputs.slice(0, -1), axis)];
}

function joined(call: FoldCall, parts: readonly Elements[], axis: number): Elements {
  const first = parts[0] ?? operand(call, 0);
  const fits = parts.every(
    (p) =>
      p.shape.length === first.shape.length &&
      p.shape.every((dim, i) => i === axis || dim === first.shape[i]),
  );
  if (!fits) throw shapeError(call.name, 'parts of different shapes');
  const size = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0);
  const shape = first.shape.with(axis, size);
  const data = room(call, shape);
  const inner = elementCount(first.shape.slice(axis + 1));
  const outer = elementCount(first.shape.slice(0, axis));
  let to = 0;
  for (let block = 0; block < outer; block += 1) {
    for (const part of parts) {
      const length = (part.shape[axis] ?? 0) * inner;
      for (let i = 0; i < length; i += 1) data[to++] = part.data[block * length + i] ?? 0;
    }
  }
  return { dtype: first.dtype, shape, data };
}

export function unpackFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const axis = normalAxis(call.attrs.int('axis', 0), x.shape.length, call.name);
  const count = x.shape[axis] ?? 0;
  if (count > 65_536) throw shapeError(call.name, `unpacks ${count} tensors`);
  return Array.from({ length: count }, (_, i) => {
    const part = picked(
      call,
      x,
      x.shape.map((_, at) => (at === axis ? [i, 1, 1] : [0, x.shape[at] ?? 0, 1])),
    );
    return { ...part, shape: part.shape.toSpliced(axis, 1) };
  });
}

export function sliceFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const begin = ints(call, 1);
  const size = ints(call, 2);
  const ranges = x.shape.map((dim, axis) => {
    const from = begin[axis] ?? 0;
    const count = size[axis] === -1 ? dim - from : (size[axis] ?? 0);
    if (from < 0 || count < 0 || from + count > dim)
      throw shapeError(call.name, `slices beyond [${x.shape.join()}]`);
    return [from, count, 1];
  });
  return [picked(call, x, ranges)];
}

export function stridedSliceFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const masks = readMasks(call.attrs);
  const plan = planStridedSlice(
    x.shape,
    ints(call, 1),
    ints(call, 2),
    ints(call, 3),
    masks,
    call.name,
  );
  const ranges = plan.axes.map(({ begin, end, step }, axis) => {
    const dim = x.shape[axis] ?? 0;
    return [sliceBounds(dim, begin, end, step).first, sliceLength(dim, begin, end, step), step];
  });
  const cut = picked(call, x, ranges);
  const shape = cut.shape.filter((_, axis) => !plan.shrunk.includes(axis));
  for (const axis of plan.added) shape.splice(axis, 0, 1);
  return [{ ...cut, shape }];
}

/** `ranges` gives first, count and step of every axis. */
function picked(call: FoldCall, x: Elements, ranges: readonly (readonly number[])[]): Elements {
  const shape = ranges.map((range) => range[1] ?? 0);
  const data = room(call, shape);
  const own = strides(x.shape);
  const outer = strides(shape);
  for (let i = 0; i < data.length; i += 1) {
    let from = 0;
    ranges.forEach(([first = 0, count = 1, step = 1], axis) => {
      const at = Math.floor(i / (outer[axis] ?? 1)) % count;
      from += (first + at * step) * (own[axis] ?? 0);
    });
    data[i] = x.data[from] ?? 0;
  }
  return { dtype: x.dtype, shape, data };
}

export function gatherFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const indices = ints(call, 1);
  const at = operand(call, 1).shape;
  const axis = call.op === 'GatherV2' ? normalAxis(int(call, 2), x.shape.length, call.name) : 0;
  if (call.attrs.int('batch_dims', 0) !== 0) throw shapeError(call.name, 'batch_dims of constants');
  const dim = x.shape[axis] ?? 0;
  if (indices.some((i) => i < 0 || i >= dim))
    throw shapeError(call.name, `an index outside of ${dim}`);
  const shape = [...x.shape.slice(0, axis), ...at, ...x.shape.slice(axis + 1)];
  const data = room(call, shape);
  const inner = elementCount(x.shape.slice(axis + 1));
  for (let to = 0; to < data.length; to += 1) {
    const block = Math.floor(to / inner / indices.length);
    const index = indices[Math.floor(to / inner) % indices.length] ?? 0;
    data[to] = x.data[(block * dim + index) * inner + (to % inner)] ?? 0;
  }
  return [{ dtype: x.dtype, shape, data }];
}

export function tileFold(call: FoldCall): Result {
  const x = operand(call, 0);
  const repeats = ints(call, 1);
  if (repeats.length !== x.shape.length) throw shapeError(call.name, `repeats [${repeats.join()}]`);
  const shape = x.shape.map((dim, i) => dim * (repeats[i] ?? 1));
  const data = room(call, shape);
  const own = strides(x.shape);
  const outer = strides(shape);
  for (let i = 0; i < data.length; i += 1) {
    let from = 0;
    shape.forEach((dim, axis) => {
      from +=
        ((Math.floor(i / (outer[axis] ?? 1)) % dim) % (x.shape[axis] ?? 1)) * (own[axis] ?? 0);
    });
    data[i] = x.data[from] ?? 0;
  }
  return [{ dtype: x.dtype, shape, data }];
}
