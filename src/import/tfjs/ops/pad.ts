import { toConstant } from '../graph/constant.ts';
import type { Dtype } from '../graph/constant.ts';
import { perAxisIn } from '../emit/value.ts';
import type { Value } from '../emit/value.ts';
import { shapeError } from '../graph/shape.ts';
import { input, int64Name, intsOf, numberOf, requireRank, unsupported } from './op-call.ts';
import { knownInts } from '../emit/emitter.ts';
import type { OpCall } from './op-call.ts';

/** Pad and PadV2: x, [rank, 2] amounts before and after, and V2's value; otherwise zero. */
export function pad(call: OpCall): Value {
  const x = input(call, 0);
  const value = call.op === 'PadV2' ? numberOf(call, 2) : 0;
  const amounts = knownInts(input(call, 1));
  if (!amounts) return runtimePad(call, x, value);
  const [before, after] = split(call, x, amounts);
  if ([...before, ...after].every((amount) => amount === 0)) return x;
  const result = emitPad(call, x, before, after, 'constant', value);
  const spatialOnly =
    x.shape.length === 4 && [0, 3].every((axis) => before[axis] === 0 && after[axis] === 0);
  if (!spatialOnly || value !== 0) return result;
  const pads = [before[1] ?? 0, before[2] ?? 0, after[1] ?? 0, after[2] ?? 0] as const;
  return { ...result, origin: { kind: 'pad', source: x, pads } };
}

/** MirrorPad: REFLECT leaves the edge out of the mirror image, SYMMETRIC repeats it. */
export function mirrorPad(call: OpCall): Value {
  const x = input(call, 0);
  const [before, after] = split(call, x, intsOf(call, 1));
  const mode = call.attrs.text('mode', 'REFLECT');
  if (mode === 'REFLECT') return emitPad(call, x, before, after, 'reflect', 0);
  if (mode !== 'SYMMETRIC') throw unsupported(call, `mode ${mode.slice(0, 20)}`);
  // ONNX has no such mode: gather the mirrored indices, axis by axis.
  return x.shape.reduce<Value>(
    (value, dim, axis) => mirrored(call, value, axis, dim, before[axis] ?? 0, after[axis] ?? 0),
    x,
  );
}

function split(call: OpCall, x: Value, amounts: readonly number[]): [number[], number[]] {
  const ok = amounts.length === x.shape.length * 2 && amounts.every((n) => n >= 0 && n < 2 ** 24);
  if (!ok)
    throw shapeError(call.name, `paddings [${amounts.slice(0, 16).join()}] of [${x.shape.join()}]`);
  return [amounts.filter((_, i) => i % 2 === 0), amounts.filter((_, i) => i % 2 === 1)];
}

function emitPad(
  call: OpCall,
  x: Value,
  before: readonly number[],
  after: readonly number[],
  mode: 'constant' | 'reflect',
  fill: number,
): Value {
  const { e } = call;
  const shape = x.shape.map((dim, i) =>
    dim === -1 ? -1 : dim + (before[i] ?? 0) + (after[i] ?? 0),
  );
  const layout = e.layoutOf(x);
  const pads = e.ints([...perAxisIn(layout, before), ...perAxisIn(layout, after)]);
  const value = mode === 'constant' ? [e.scalar(x.dtype, fill)] : [];
  const name = e.node('Pad', [e.in(layout, x), pads, ...value], { mode });
  return e.value(x.dtype, shape, name, layout);
}

function mirrored(
  call: OpCall,
  x: Value,
  axis: number,
  dim: number,
  before: number,
  after: number,
): Value {
  if (before === 0 && after === 0) return x;
  if (dim === -1 || before > dim || after > dim)
    throw shapeError(call.name, `mirrors more than axis ${axis} has`);
  const { e } = call;
  const size = before + dim + after;
  const data = Int32Array.from({ length: size }, (_, i) => {
    const at = i - before;
    return at < 0 ? -at - 1 : at >= dim ? 2 * dim - 1 - at : at;
  });
  const indices = e.constant(toConstant({ dtype: 'int32', shape: [size], data }));
  const shape = x.shape.map((old, i) => (i === axis ? size : old));
  return e.value(x.dtype, shape, e.node('Gather', [e.plain(x), indices], { axis }));
}

/** Amounts that are computed: [rank, 2] as pairs becomes ONNX's all before, then all after. */
function runtimePad(call: OpCall, x: Value, fill: number): Value {
  const { e } = call;
  const amounts = input(call, 1);
  requireRank(call, amounts, 2);
  const name = e.castName(e.plain(amounts), 'int64');
  const pads = e.node('Reshape', [e.node('Transpose', [name], { perm: [1, 0] }), e.ints([-1])]);
  const shape = x.shape.map((dim, i) => paddedDim(dim, amounts.dims, i));
  const dtype: Dtype = x.dtype;
  return e.value(dtype, shape, e.node('Pad', [e.plain(x), pads, e.scalar(dtype, fill)]));
}

function paddedDim(dim: number, amounts: readonly number[] | undefined, axis: number): number {
  const sum = dim + (amounts?.[2 * axis] ?? Number.NaN) + (amounts?.[2 * axis + 1] ?? Number.NaN);
  return dim === -1 || Number.isNaN(sum) ? -1 : sum;
}

/** Fill: dimensions and a value. */
export function fill(call: OpCall): Value {
  const { e } = call;
  const dims = input(call, 0);
  const value = input(call, 1);
  const [length = 0] = dims.shape;
  const known =
    dims.dims ?? Array.from({ length: Math.max(0, Math.min(length, 64)) }, () => Number.NaN);
  const shape = known.map((dim) => (Number.isNaN(dim) ? -1 : dim));
  return e.value(value.dtype, shape, e.node('Expand', [e.plain(value), int64Name(call, dims)]));
}
