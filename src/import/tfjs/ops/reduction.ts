import { normalAxis } from '../graph/shape.ts';
import { axisIn } from '../emit/value.ts';
import type { Layout, Value } from '../emit/value.ts';
import { knownInts } from '../emit/emitter.ts';
import { input, int64Name, intOf, intsOf, requireDtype, unsupported } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';

interface Reduction {
  readonly axes: readonly number[];
  readonly keep: boolean;
  readonly shape: readonly number[];
  readonly layout: Layout;
}

/** Mean, Sum, Max, Min, Prod: inputs x and axes. */
export function reduction(opType: string): OpHandler {
  return (call) => {
    const value = input(call, 0);
    const x =
      opType === 'ReduceMean' || value.dtype === 'bool'
        ? call.e.cast(value, opType === 'ReduceMean' ? 'float32' : 'int32')
        : value;
    return reduce(call, opType, x, plan(call, x));
  };
}

/** All and Any over bools: the minimum and the maximum of 0 and 1. */
export function logicalReduction(opType: 'ReduceMin' | 'ReduceMax'): OpHandler {
  return (call) => {
    const x = input(call, 0);
    requireDtype(call, x, 'bool');
    return call.e.cast(reduce(call, opType, call.e.cast(x, 'int32'), plan(call, x)), 'bool');
  };
}

function plan(call: OpCall, x: Value): Reduction {
  const rank = x.shape.length;
  const given = intsOf(call, 1).map((axis) => normalAxis(axis, rank, call.name));
  const axes = [...new Set(given)].sort((a, b) => a - b);
  const keep = call.attrs.bool('keep_dims', call.attrs.bool('keepDims', false));
  const shape = x.shape.flatMap((dim, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [dim]));
  // Without its reduced axes an NCHW tensor is in TensorFlow's order only if no channel moved past a
  // kept height or width.
  const wanted = call.e.layoutOf(x);
  const ordered = keep || axes.includes(3) || (axes.includes(1) && axes.includes(2));
  return { axes, keep, shape, layout: wanted === 'nchw' && ordered ? 'nchw' : 'plain' };
}

function reduce(
  call: OpCall,
  opType: string,
  x: Value,
  { axes, keep, shape, layout }: Reduction,
): Value {
  const { e } = call;
  const out = keep && layout === 'nchw' ? 'nchw' : 'plain';
  if (axes.length === 0) return x;
  const global = opType === 'ReduceMean' && layout === 'nchw' && axes.join() === '1,2';
  if (global) return globalMean(call, x, keep);
  const mapped = axes.map((axis) => axisIn(layout, axis)).sort((a, b) => a - b);
  const name = e.node(opType, [e.in(layout, x), e.ints(mapped)], { keepdims: Number(keep) });
  return e.value(x.dtype, shape, name, out);
}

/** Mean over height and width has a kernel of its own. */
function globalMean(call: OpCall, x: Value, keep: boolean): Value {
  const { e } = call;
  const [n = -1, , , c = -1] = x.shape;
  const pooled = e.node('GlobalAveragePool', [e.nchw(x)]);
  if (keep) return e.value('float32', [n, 1, 1, c], pooled, 'nchw');
  return e.value('float32', [n, c], e.node('Flatten', [pooled], { axis: 1 }));
}

/** ArgMax and ArgMin: the first index among equals, as int32. */
export function argReduction(opType: 'ArgMax' | 'ArgMin'): OpHandler {
  return (call) => {
    const { e } = call;
    const x = input(call, 0);
    requireDtype(call, x, 'float32', 'int32');
    const axis = normalAxis(intOf(call, 1), x.shape.length, call.name);
    const shape = x.shape.filter((_, i) => i !== axis);
    const layout = axis === 3 ? e.layoutOf(x) : 'plain';
    const name = e.node(opType, [e.in(layout, x)], { axis: axisIn(layout, axis), keepdims: 0 });
    return e.value('int32', shape, e.castName(name, 'int32'));
  };
}

/** Cumsum: x and axis. */
export function cumsum(call: OpCall): Value {
  const { e } = call;
  const x = input(call, 0);
  const axis = normalAxis(intOf(call, 1), x.shape.length, call.name);
  const exclusive = Number(call.attrs.bool('exclusive', false));
  const reverse = Number(call.attrs.bool('reverse', false));
  return e.value(
    x.dtype,
    x.shape,
    e.node('CumSum', [e.plain(x), e.int(axis)], { exclusive, reverse }),
  );
}

/** TopKV2: x and k to values and int32 indices, largest first; among equals the lower index. */
export function topK(call: OpCall): readonly Value[] {
  const { e } = call;
  const x = input(call, 0);
  const [k] = knownInts(input(call, 1)) ?? [];
  const last = x.shape.at(-1) ?? 0;
  if (k !== undefined && (k < 0 || (last !== -1 && k > last))) {
    throw unsupported(call, `k ${k} of ${last} elements`);
  }
  const isInt = x.dtype === 'int32';
  const count =
    k === undefined
      ? e.node('Reshape', [int64Name(call, input(call, 1)), e.ints([1])])
      : e.ints([k]);
  const inputs = [isInt ? e.castName(e.plain(x), 'int64') : e.plain(x), count];
  const { outputs } = e.nodes('TopK', inputs, 2, {
    axis: x.shape.length - 1,
    largest: 1,
    sorted: 1,
  });
  const [values = '', indices = ''] = outputs;
  const shape = [...x.shape.slice(0, -1), k ?? -1];
  return [
    e.value(x.dtype, shape, isInt ? e.castName(values, 'int32') : values),
    e.value('int32', shape, e.castName(indices, 'int32')),
  ];
}
