import { scalar, toConstant } from '../graph/constant.ts';
import { normalAxis, shapeError } from '../graph/shape.ts';
import { axisIn } from '../emit/value.ts';
import type { Value } from '../emit/value.ts';
import { knownInts } from '../emit/emitter.ts';
import {
  input,
  int64Name,
  intOf,
  numberOf,
  partialInts,
  requireDtype,
  unsupported,
} from './op-call.ts';
import type { OpCall } from './op-call.ts';

/** Gather and GatherV2: x, int32 indices, and V2's axis; `batch_dims` leading axes go together. */
export function gather(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const indices = input(call, 1);
  requireDtype(call, indices, 'int32');
  const axis = call.op === 'GatherV2' ? normalAxis(intOf(call, 2), x.shape.length, call.name) : 0;
  const batch = call.attrs.int('batch_dims', 0);
  if (batch !== 0) return batchGather(call, x, indices, axis, batch);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const layout = indices.shape.length === 1 ? e.layoutOf(x) : 'plain';
  const inputs = [e.in(layout, x), e.plain(indices)];
  return e.value(x.dtype, shape, e.node('Gather', inputs, { axis: axisIn(layout, axis) }), layout);
}

function batchGather(call: OpCall, x: Value, indices: Value, axis: number, batch: number): Value {
  const { e } = call;
  if (axis !== batch || batch < 0 || batch >= x.shape.length || batch > indices.shape.length) {
    throw unsupported(call, `batch_dims ${batch} with axis ${axis}`);
  }
  const wide = e.node('Unsqueeze', [e.castName(e.plain(indices), 'int64'), e.ints([-1])]);
  const shape = [
    ...x.shape.slice(0, axis),
    ...indices.shape.slice(batch),
    ...x.shape.slice(axis + 1),
  ];
  return e.value(x.dtype, shape, e.node('GatherND', [e.plain(x), wide], { batch_dims: batch }));
}

/** GatherNd: x and indices [..., depth], each row naming an element or a slice. */
export function gatherNd(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const indices = input(call, 1);
  const depth = indices.shape.at(-1) ?? -1;
  if (depth < 1 || depth > x.shape.length) {
    throw shapeError(call.name, `indices [${indices.shape.join()}] into [${x.shape.join()}]`);
  }
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  const name = e.node('GatherND', [e.plain(x), e.castName(e.plain(indices), 'int64')]);
  return e.value(x.dtype, shape, name);
}

/** ScatterNd: indices, updates, shape; what falls on the same place adds up, the rest is zero. */
export function scatterNd(call: OpCall): Value {
  const { e } = call;
  const updates = input(call, 1);
  const target = partialInts(input(call, 2));
  if (!target) throw unsupported(call, 'the rank of the result must be known');
  const zeros = e.node('Expand', [e.scalar(updates.dtype, 0), int64Name(call, input(call, 2))]);
  return scattered(call, zeros, target, input(call, 0), updates, 'add');
}

/** TensorScatterUpdate: x, indices, updates. */
export function tensorScatterUpdate(call: OpCall): Value {
  const x = input(call, 0);
  return scattered(call, call.e.plain(x), x.shape, input(call, 1), input(call, 2), 'none');
}

/** SparseToDense: indices, shape, values, default. */
export function sparseToDense(call: OpCall): Value {
  const { e } = call;
  const values = input(call, 2);
  const target = knownInts(input(call, 1));
  const indices = input(call, 0);
  if (!target || indices.shape.length !== 2)
    throw unsupported(call, 'the shape must be constant, indices [n, rank]');
  const fallback = e.cast(input(call, 3), values.dtype);
  const base = e.node('Expand', [e.plain(fallback), e.ints(target)]);
  const rows = indices.shape[0] ?? -1;
  const spread =
    values.shape.length === 0
      ? e.node('Expand', [e.plain(values), e.ints([rows])])
      : e.plain(values);
  return scattered(call, base, target, indices, { ...values, names: { plain: spread } }, 'none');
}

function scattered(
  call: OpCall,
  base: string,
  shape: readonly number[],
  indices: Value,
  updates: Value,
  reduction: 'add' | 'none',
): Value {
  const { e } = call;
  const at = e.castName(e.plain(indices), 'int64');
  const name = e.node('ScatterND', [base, at, e.plain(updates)], { reduction });
  return e.value(
    updates.dtype,
    shape.map((dim) => (Number.isNaN(dim) ? -1 : dim)),
    name,
  );
}

/**
 * OneHot: indices, depth, on, off. By comparison rather than ONNX's OneHot, which counts a negative
 * index from the end where TensorFlow leaves the row off.
 */
export function oneHot(call: OpCall): Value {
  const { e } = call;
  const indices = e.cast(input(call, 0), 'int32');
  const depth = intOf(call, 1);
  if (depth < 1 || depth > 2 ** 24) throw shapeError(call.name, `a depth of ${depth}`);
  const rank = indices.shape.length;
  const axis = normalAxis(call.attrs.int('axis', -1), rank + 1, call.name);
  const classes = Array.from({ length: rank + 1 }, (_, i) => (i === axis ? depth : 1));
  const range = toConstant({
    dtype: 'int32',
    shape: classes,
    data: Int32Array.from({ length: depth }, (_, i) => i),
  });
  const wide = e.node('Unsqueeze', [e.plain(indices), e.ints([axis])]);
  const dtype = call.attrs.dtype('T', input(call, 2).dtype);
  const choice = (index: number): string => e.constant(scalar(dtype, numberOf(call, index)));
  const name = e.node('Where', [e.node('Equal', [wide, e.constant(range)]), choice(2), choice(3)]);
  return e.value(dtype, indices.shape.toSpliced(axis, 0, depth), name);
}
