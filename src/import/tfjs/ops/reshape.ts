import { elementCount, normalAxis, shapeError } from '../graph/shape.ts';
import { toNchw } from '../emit/value.ts';
import type { Value } from '../emit/value.ts';
import { input, int64Name, intOf, intsOf, partialInts, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';

/** Reshape: x and the new shape, of which one entry may be -1. */
export function reshape(call: OpCall): Value {
  const x = input(call, 0);
  const target = partialInts(input(call, 1));
  if (!target) throw unsupported(call, 'the number of new dimensions must be known');
  const resolved = resolve(call, x, target);
  const unknown = resolved.filter((dim) => dim === -1).length;
  if (unknown <= 1) return reshaped(call, x, resolved);
  const { e } = call;
  return e.value(
    x.dtype,
    resolved,
    e.node('Reshape', [e.plain(x), int64Name(call, input(call, 1))]),
  );
}

/** NaN (computed at the run) and -1 (what is left) become -1, or their size where the rest decides it. */
function resolve(call: OpCall, x: Value, target: readonly number[]): number[] {
  const dims = target.map((dim) => (Number.isNaN(dim) ? -1 : dim));
  const total = elementCount(x.shape);
  const known = dims.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const open = dims.filter((dim) => dim === -1).length;
  const fits = open === 0 ? total === known : known > 0 && total % known === 0;
  if (dims.some((dim) => dim < -1) || (total !== -1 && !fits && !(open > 0 && known === 0))) {
    throw shapeError(call.name, `[${x.shape.join()}] cannot become [${dims.join()}]`);
  }
  if (total === -1 && open === 0 && x.shape[0] === -1) {
    call.e.warnings.add(`Node ${call.name} fixes the batch: it reshapes to [${dims.join()}].`);
  }
  if (total === -1) return inferredBatch(x.shape, dims, known);
  return open === 1 && known > 0 ? dims.map((dim) => (dim === -1 ? total / known : dim)) : dims;
}

/** [-1, a, b] to [-1, c] with a * b = c keeps the batch; [k, -1] of an unknown batch stays unknown. */
function inferredBatch(from: readonly number[], dims: number[], known: number): number[] {
  const rest = from.slice(1);
  if (from[0] !== -1 || rest.includes(-1)) return dims;
  const perItem = elementCount(rest);
  const open = dims.flatMap((dim, i) => (dim === -1 ? [i] : []));
  const [first, second] = open;
  // Two open entries of which the first is the batch: the other one is what an item has left.
  if (
    first === 0 &&
    second !== undefined &&
    open.length === 2 &&
    known > 0 &&
    perItem % known === 0
  ) {
    return dims.map((dim, i) => (i === second ? perItem / known : dim));
  }
  return dims;
}

/** x under another shape with the same elements in the same order; at most one -1. */
function reshaped(call: OpCall, x: Value, shape: readonly number[]): Value {
  const { e } = call;
  // ONNX reads a 0 in a shape as "copy", TensorFlow as an empty axis.
  const attributes = shape.includes(0) ? { allowzero: 1 } : {};
  return e.value(x.dtype, shape, e.node('Reshape', [source(call, x), e.ints(shape)], attributes));
}

/** The NCHW form where its elements are in TensorFlow's order anyway: one pixel, or one channel. */
function source(call: OpCall, x: Value): string {
  const [, h, w, c] = x.shape;
  const sameOrder = x.shape.length === 4 && (c === 1 || (h === 1 && w === 1));
  return sameOrder && x.names.nchw !== undefined ? x.names.nchw : call.e.plain(x);
}

/** Squeeze: the axes named, or every axis of size 1. */
export function squeeze(call: OpCall): Value {
  const x = input(call, 0);
  const named =
    call.attrs.ints('squeeze_dims').length > 0
      ? call.attrs.ints('squeeze_dims')
      : call.attrs.ints('axis');
  const rank = x.shape.length;
  const axes =
    named.length > 0
      ? named.map((axis) => normalAxis(axis, rank, call.name))
      : x.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  if (axes.some((axis) => x.shape[axis] !== 1 && x.shape[axis] !== -1)) {
    throw shapeError(call.name, `axes ${axes.join()} of [${x.shape.join()}] are not all 1`);
  }
  return withoutAxes(call, x, axes);
}

export function withoutAxes(call: OpCall, x: Value, axes: readonly number[]): Value {
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.length === 0) return x;
  if (shape.filter((dim) => dim === -1).length <= 1 && !shape.includes(0))
    return reshaped(call, x, shape);
  return call.e.value(x.dtype, shape, call.e.node('Squeeze', [call.e.plain(x), call.e.ints(axes)]));
}

/** ExpandDims: x and the place of the new axis. */
export function expandDims(call: OpCall): Value {
  const x = input(call, 0);
  return withAxes(call, x, [normalAxis(intOf(call, 1), x.shape.length + 1, call.name)]);
}

/** `axes` are places in the result, in rising order. */
export function withAxes(call: OpCall, x: Value, axes: readonly number[]): Value {
  const shape = [...x.shape];
  for (const axis of axes) shape.splice(axis, 0, 1);
  return call.e.value(
    x.dtype,
    shape,
    call.e.node('Unsqueeze', [call.e.plain(x), call.e.ints(axes)]),
  );
}

/** Transpose: x and the order of its axes. The swap that NCHW amounts to costs nothing where it exists. */
export function transpose(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const perm = intsOf(call, 1).map((axis) => normalAxis(axis, x.shape.length, call.name));
  if (perm.length !== x.shape.length || new Set(perm).size !== perm.length) {
    throw shapeError(call.name, `[${perm.join()}] is no order of ${x.shape.length} axes`);
  }
  const shape = perm.map((axis) => x.shape[axis] ?? -1);
  if (perm.every((axis, i) => axis === i)) return x;
  if (perm.join() === toNchw.join() && e.layoutOf(x) === 'nchw')
    return e.value(x.dtype, shape, e.nchw(x));
  const result = e.value(x.dtype, shape, e.node('Transpose', [e.plain(x)], { perm }));
  // NCHW to NHWC: what the input is in TensorFlow's eyes is the NCHW form of the result.
  if (perm.join() === '0,2,3,1') result.names.nchw = e.plain(x);
  return result;
}

/** Shape: as int32; entries that are known take no part in the run. */
export function shapeOf(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const dims = x.shape.map((dim) => (dim === -1 ? Number.NaN : dim));
  const shape = [x.shape.length];
  if (!dims.some(Number.isNaN))
    return e.constantValue({ dtype: 'int32', shape, data: Int32Array.from(dims) });
  const name = e.castName(e.node('Shape', [e.plain(x)]), 'int32');
  return { ...e.value('int32', shape, name), dims };
}

export function rankOf(call: OpCall): Value {
  const data = Int32Array.of(input(call, 0).shape.length);
  return call.e.constantValue({ dtype: 'int32', shape: [], data });
}

export function sizeOf(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const count = elementCount(x.shape);
  if (count !== -1)
    return e.constantValue({ dtype: 'int32', shape: [], data: Int32Array.of(count) });
  return e.value('int32', [], e.castName(e.node('Size', [e.plain(x)]), 'int32'));
}

/** BroadcastTo: x and a shape. */
export function broadcastTo(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const target = partialInts(input(call, 1));
  if (!target) throw unsupported(call, 'the number of new dimensions must be known');
  const shape = target.map((dim) => (Number.isNaN(dim) ? -1 : dim));
  return e.value(x.dtype, shape, e.node('Expand', [e.plain(x), int64Name(call, input(call, 1))]));
}

/** Tile: x and how often along each axis. */
export function tile(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const repeats = intsOf(call, 1);
  if (repeats.length !== x.shape.length || repeats.some((n) => n < 0)) {
    throw shapeError(call.name, `repeats [${repeats.join()}] of [${x.shape.join()}]`);
  }
  const shape = x.shape.map((dim, i) => (dim === -1 ? -1 : dim * (repeats[i] ?? 1)));
  return e.value(x.dtype, shape, e.node('Tile', [e.plain(x), e.ints(repeats)]));
}
