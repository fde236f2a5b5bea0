import { normalAxis, shapeError } from '../graph/shape.ts';
import type { Shape } from '../graph/shape.ts';
import { axisIn } from '../emit/value.ts';
import type { Value } from '../emit/value.ts';
import { input, intOf, intsOf, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';
import { withAxes, withoutAxes } from './reshape.ts';

/** ConcatV2: the tensors, then the axis. */
export function concatV2(call: OpCall): Value {
  const last = call.inputs.length - 1;
  const values = call.inputs.slice(0, -1).map((_, i) => input(call, i));
  return concatenated(call, values, intOf(call, last));
}

/** Concat, the first version: the axis, then the tensors. */
export function concatV1(call: OpCall): Value {
  return concatenated(
    call,
    call.inputs.slice(1).map((_, i) => input(call, i + 1)),
    intOf(call, 0),
  );
}

function concatenated(call: OpCall, values: readonly Value[], axisGiven: number): Value {
  const { e } = call;
  const [first] = values;
  if (!first) throw shapeError(call.name, 'nothing to concatenate');
  const axis = normalAxis(axisGiven, first.shape.length, call.name);
  const shape = joinedShape(call, values, axis);
  const full = values.filter((value) => value.shape[axis] !== 0);
  if (full.length === 1 && full[0]) return full[0];
  const layout = e.layoutOf(...values);
  const names = values.map((value) => e.in(layout, e.cast(value, first.dtype)));
  return e.value(
    first.dtype,
    shape,
    e.node('Concat', names, { axis: axisIn(layout, axis) }),
    layout,
  );
}

function joinedShape(call: OpCall, values: readonly Value[], axis: number): number[] {
  const [first = { shape: [] as Shape }] = values;
  return first.shape.map((_, i) => {
    const dims = values.map((value) => value.shape[i] ?? -1);
    if (i === axis) return dims.includes(-1) ? -1 : dims.reduce((sum, dim) => sum + dim, 0);
    const known = new Set(dims.filter((dim) => dim !== -1));
    if (known.size > 1 || values.some((value) => value.shape.length !== first.shape.length)) {
      throw shapeError(
        call.name,
        `cannot join [${values
          .slice(0, 8)
          .map((v) => v.shape.join())
          .join('], [')}]`,
      );
    }
    return [...known][0] ?? -1;
  });
}

/** Pack: tensors of one shape along a new axis. */
export function pack(call: OpCall): Value {
  return packed(
    call,
    call.inputs.map((_, i) => input(call, i)),
    call.attrs.int('axis', 0),
  );
}

export function packed(call: OpCall, values: readonly Value[], axisGiven: number): Value {
  const rank = values[0]?.shape.length ?? 0;
  const axis = normalAxis(axisGiven, rank + 1, call.name);
  return concatenated(
    call,
    values.map((value) => withAxes(call, value, [axis])),
    axis,
  );
}

/** Unpack: one output per entry of the axis. */
export function unpack(call: OpCall): readonly Value[] {
  const x = input(call, 0);
  return unpacked(call, x, normalAxis(call.attrs.int('axis', 0), x.shape.length, call.name));
}

export function unpacked(call: OpCall, x: Value, axis: number): readonly Value[] {
  const count = x.shape[axis] ?? -1;
  if (count < 1 || count > 65_536)
    throw unsupported(call, `it needs axis ${axis} of [${x.shape.join()}] known`);
  if (count === 1) return [withoutAxes(call, x, [axis])];
  const parts = splitInto(
    call,
    x,
    axis,
    Array.from({ length: count }, () => 1),
  );
  return parts.map((part) => withoutAxes(call, part, [axis]));
}

/** Split: the axis, then x; `num_split` equal parts. */
export function split(call: OpCall): readonly Value[] {
  const x = input(call, 1);
  const axis = normalAxis(intOf(call, 0), x.shape.length, call.name);
  const parts = call.attrs.int('num_split', 1);
  const size = (x.shape[axis] ?? -1) / parts;
  if (!Number.isInteger(size) || size < 1 || parts < 1 || parts > 65_536) {
    throw shapeError(call.name, `cannot split axis ${axis} of [${x.shape.join()}] into ${parts}`);
  }
  return splitInto(
    call,
    x,
    axis,
    Array.from({ length: parts }, () => size),
  );
}

/** SplitV: x, the sizes (one may be -1: what is left), the axis. */
export function splitV(call: OpCall): readonly Value[] {
  const x = input(call, 0);
  const sizes = intsOf(call, 1);
  const axis = normalAxis(intOf(call, 2), x.shape.length, call.name);
  const total = x.shape[axis] ?? -1;
  const known = sizes.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  const resolved = sizes.map((size) => (size === -1 ? total - known : size));
  const sum = resolved.reduce((all, size) => all + size, 0);
  if (sum !== total || resolved.some((size) => size < 0)) {
    throw shapeError(call.name, `sizes ${sizes.join()} of axis ${axis} of [${x.shape.join()}]`);
  }
  return splitInto(call, x, axis, resolved);
}

function splitInto(
  call: OpCall,
  x: Value,
  axis: number,
  sizes: readonly number[],
): readonly Value[] {
  const { e } = call;
  if (sizes.length === 1) return [x];
  const layout = e.layoutOf(x);
  const inputs = [e.in(layout, x), e.ints(sizes)];
  const { outputs } = e.nodes('Split', inputs, sizes.length, { axis: axisIn(layout, axis) });
  return outputs.map((name, i) => {
    const shape = x.shape.map((dim, at) => (at === axis ? (sizes[i] ?? 0) : dim));
    return e.value(x.dtype, shape, name, layout);
  });
}
