import { toConstant } from '../graph/constant.ts';
import { axisIn } from '../emit/value.ts';
import type { Value } from '../emit/value.ts';
import { input, intsOf, requireRank, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';

/*
 * Where pixel r of the output looks in the input, per axis (tfjs-core `kernels/ResizeBilinear`,
 * `ResizeNearestNeighbor` of the CPU back end, Apache-2.0), with out and in the sizes:
 *   align_corners       r * (in - 1) / (out - 1)
 *   half_pixel_centers  (r + 0.5) * in / out - 0.5    (nearest: without the - 0.5, rounded down)
 *   neither             r * in / out                  (nearest: rounded down)
 */

/** ResizeBilinear: x [n, h, w, c] and the new [h, w]; the result is float32. */
export function resizeBilinear(call: OpCall): Value {
  const { e } = call;
  const { x, size } = resizeInputs(call);
  const value = e.cast(x, 'float32');
  if (size[0] === x.shape[1] && size[1] === x.shape[2]) return value;
  return resize(call, value, size, {
    mode: 'linear',
    coordinate_transformation_mode: coordinateMode(call),
  });
}

/**
 * ResizeNearestNeighbor. For whole factors the runtime's Resize is exact; otherwise its arithmetic in
 * float32 may land on the other side of a boundary, so the rows and columns are computed here and gathered.
 */
export function resizeNearest(call: OpCall): Value {
  const { x, size } = resizeInputs(call);
  const [, h = -1, w = -1] = x.shape;
  if (size[0] === h && size[1] === w) return x;
  const whole = size[0] % h === 0 && size[1] % w === 0;
  if (h > 0 && w > 0 && (!whole || call.attrs.bool('align_corners', false))) {
    return gathered(call, gathered(call, x, 1, size[0]), 2, size[1]);
  }
  return resize(call, x, size, {
    mode: 'nearest',
    coordinate_transformation_mode: coordinateMode(call),
    nearest_mode: call.attrs.bool('half_pixel_centers', false) ? 'round_prefer_ceil' : 'floor',
  });
}

function resizeInputs(call: OpCall) {
  const x = input(call, 0);
  requireRank(call, x, 4);
  const [height = 0, width = 0, ...more] = intsOf(call, 1);
  if (height < 1 || width < 1 || more.length > 0)
    throw unsupported(call, `the size ${height}, ${width}`);
  if (call.attrs.bool('align_corners', false) && call.attrs.bool('half_pixel_centers', false)) {
    throw unsupported(call, 'align_corners and half_pixel_centers exclude each other');
  }
  return { x, size: [height, width] as const };
}

function coordinateMode(call: OpCall): string {
  if (call.attrs.bool('align_corners', false)) return 'align_corners';
  return call.attrs.bool('half_pixel_centers', false) ? 'half_pixel' : 'asymmetric';
}

function resize(
  call: OpCall,
  x: Value,
  size: readonly [number, number],
  attributes: Readonly<Record<string, string>>,
): Value {
  const { e } = call;
  const [n = -1, h = -1, w = -1, c = -1] = x.shape;
  const name = e.node(
    'Resize',
    [e.nchw(x), '', ...target(call, x, [n, h, w, c], size)],
    attributes,
  );
  return e.value(x.dtype, [n, ...size, c], name, 'nchw');
}

/** ONNX wants all four sizes, or all four factors: with an unknown batch the factors say as much. */
function target(
  call: OpCall,
  x: Value,
  [n, h, w, c]: readonly [number, number, number, number],
  size: readonly [number, number],
): string[] {
  const { e } = call;
  if (n !== -1 && c !== -1) return ['', e.ints([n, c, ...size])];
  if (h !== -1 && w !== -1) {
    const data = Float32Array.of(1, 1, factor(h, size[0]), factor(w, size[1]));
    return [e.constant({ dtype: 'float32', shape: [4], data })];
  }
  const lead = e.node('Slice', [e.node('Shape', [e.nchw(x)]), e.ints([0]), e.ints([2])]);
  return ['', e.node('Concat', [lead, e.ints(size)], { axis: 0 })];
}

/** The float32 nearest to / from whose product with `from` rounds down to `to`, as the runtime computes it. */
function factor(from: number, to: number): number {
  const nearest = Math.fround(to / from);
  return Math.floor(Math.fround(nearest * from)) >= to
    ? nearest
    : Math.fround(nearest * (1 + 2 ** -23));
}

function gathered(call: OpCall, x: Value, axis: 1 | 2, size: number): Value {
  const { e } = call;
  const from = x.shape[axis] ?? 1;
  if (from === size) return x;
  const layout = e.layoutOf(x);
  const data = Int32Array.from({ length: size }, (_, r) => nearestIndex(call, r, from, size));
  const indices = e.constant(toConstant({ dtype: 'int32', shape: [size], data }));
  const shape = x.shape.map((dim, i) => (i === axis ? size : dim));
  const name = e.node('Gather', [e.in(layout, x), indices], { axis: axisIn(layout, axis) });
  return e.value(x.dtype, shape, name, layout);
}

function nearestIndex(call: OpCall, r: number, from: number, to: number): number {
  const align = call.attrs.bool('align_corners', false);
  const scale = align && to > 1 ? (from - 1) / (to - 1) : from / to;
  const half = call.attrs.bool('half_pixel_centers', false);
  const at = (half ? r + 0.5 : r) * scale;
  return Math.max(0, Math.min(from - 1, align ? Math.round(at) : Math.floor(at)));
}
