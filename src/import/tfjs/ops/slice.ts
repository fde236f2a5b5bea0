import { knownInts } from '../emit/emitter.ts';
import { shapeError } from '../graph/shape.ts';
import { axisIn } from '../emit/value.ts';
import type { Layout, Value } from '../emit/value.ts';
import { input, int64Name, intsOf, partialInts, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';
import { withAxes, withoutAxes } from './reshape.ts';
import { planStridedSlice, readMasks, sliceLength } from './slice-plan.ts';

/** "To the end" and "from the end", beyond any axis. */
const far = 2 ** 31;

interface Range {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

/** Slice: x, begin, size; a size of -1 takes what is left. */
export function slice(call: OpCall): Value {
  const x = input(call, 0);
  const begin = knownInts(input(call, 1));
  const size = knownInts(input(call, 2));
  if (!begin || !size) return runtimeSlice(call, x);
  if (begin.length !== x.shape.length || size.length !== begin.length) {
    throw shapeError(
      call.name,
      `begin ${begin.join()} and size ${size.join()} of [${x.shape.join()}]`,
    );
  }
  const ranges = begin.map((from, axis) => {
    const dim = x.shape[axis] ?? -1;
    const count = size[axis] ?? -1;
    if (from < 0 || count < -1 || (dim !== -1 && from + Math.max(count, 0) > dim)) {
      throw shapeError(
        call.name,
        `begin ${begin.join()} and size ${size.join()} of [${x.shape.join()}]`,
      );
    }
    return { axis, begin: from, end: count === -1 ? far : from + count, step: 1 };
  });
  return sliced(call, x, ranges, call.e.layoutOf(x));
}

/** StridedSlice: x, begin, end, strides, and five bit masks. */
export function stridedSlice(call: OpCall): Value {
  const x = input(call, 0);
  const masks = readMasks(call.attrs);
  const plan = planStridedSlice(
    x.shape,
    intsOf(call, 1),
    intsOf(call, 2),
    intsOf(call, 3),
    masks,
    call.name,
  );
  const ranges = plan.axes.map((range, axis) => ({ axis, ...range }));
  const reshapes = plan.shrunk.length > 0 || plan.added.length > 0;
  const cut = sliced(call, x, ranges, reshapes ? 'plain' : call.e.layoutOf(x));
  const shrunk = withoutAxes(call, cut, plan.shrunk);
  return plan.added.length > 0 ? withAxes(call, shrunk, plan.added) : shrunk;
}

/** ReverseV2: x and the axes to turn around. */
export function reverse(call: OpCall): Value {
  const x = input(call, 0);
  const rank = x.shape.length;
  const axes = call.op === 'Reverse' ? trueAxes(call) : intsOf(call, 1);
  const ranges = axes.map((axis) => ({
    axis: axis < 0 ? axis + rank : axis,
    begin: -1,
    end: -far,
    step: -1,
  }));
  if (ranges.some(({ axis }) => axis < 0 || axis >= rank))
    throw shapeError(call.name, `axes ${axes.join()}`);
  return sliced(call, x, ranges, call.e.layoutOf(x));
}

function trueAxes(call: OpCall): number[] {
  return intsOf(call, 1).flatMap((flag, axis) => (flag ? [axis] : []));
}

function sliced(call: OpCall, x: Value, ranges: readonly Range[], layout: Layout): Value {
  const { e } = call;
  const active = ranges.filter(({ axis, begin, end, step }) => {
    const dim = x.shape[axis] ?? -1;
    return !(step === 1 && begin === 0 && (end === far || (dim !== -1 && end >= dim)));
  });
  if (active.length === 0) return x;
  const shape = x.shape.map((dim, axis) => {
    const range = active.find((r) => r.axis === axis);
    return range ? sliceLength(dim, range.begin, range.end, range.step) : dim;
  });
  const name = e.node('Slice', [
    e.in(layout, x),
    e.ints(active.map((r) => r.begin)),
    e.ints(active.map((r) => r.end)),
    e.ints(active.map((r) => axisIn(layout, r.axis))),
    e.ints(active.map((r) => r.step)),
  ]);
  return e.value(x.dtype, shape, name, layout);
}

/** begin or size computed at the run: end = begin + size, or far away where size is -1. */
function runtimeSlice(call: OpCall, x: Value): Value {
  const { e } = call;
  const size = input(call, 2);
  const begin = int64Name(call, input(call, 1));
  const sizes = int64Name(call, size);
  const open = e.node('Less', [sizes, e.int(0)]);
  const end = e.node('Where', [open, e.int(far), e.node('Add', [begin, sizes])]);
  const counts = partialInts(size);
  if (!counts || counts.length !== x.shape.length)
    throw unsupported(call, 'the rank of size must be that of x');
  const shape = counts.map((count) => (count >= 0 ? count : -1));
  return e.value(x.dtype, shape, e.node('Slice', [e.plain(x), begin, end]));
}
