import type { BuiltNode } from '../../../onnx/graph-builder.ts';
import type { Constant, Dtype } from '../graph/constant.ts';
import type { Shape } from '../graph/shape.ts';

/**
 * A tensor of the TensorFlow graph while it is translated. `shape` is always in TensorFlow's order.
 * It lives in the ONNX graph under up to two names: as it is, and, for rank 4, with its channels
 * moved from the last axis to the second (NHWC to NCHW). Whoever needs the other form asks the
 * emitter, which adds that transpose once; a chain of convolutions never asks.
 */
export interface Value {
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly constant?: Constant;
  /** Elements of a small int32 tensor as far as they are known (NaN: at the run), for shapes. */
  readonly dims?: readonly number[];
  /** What made this value, for operations that can be absorbed into their neighbour. */
  readonly origin?: Origin;
  /** The items of a TensorList, which exists only while loops are written out. */
  readonly list?: readonly (Value | undefined)[];
  readonly names: { plain?: string; nchw?: string };
}

export type Origin = ConvOrigin | ClampOrigin | PadOrigin;

/** A convolution whose weights are constant: scale and shift of its output fold into it. */
export interface ConvOrigin {
  readonly kind: 'conv';
  readonly node: BuiltNode;
  /** [out, in / groups, kh, kw]. */
  readonly weights: Constant;
  /** [out]. */
  readonly bias?: Constant;
}

/** `source` limited to [low, high]: a further limit joins it. */
export interface ClampOrigin {
  readonly kind: 'clamp';
  readonly source: Value;
  readonly low: number;
  readonly high: number;
}

/** Zeros around height and width: a convolution pads them itself. */
export interface PadOrigin {
  readonly kind: 'pad';
  readonly source: Value;
  /** top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/** `plain` is TensorFlow's order of axes. */
export type Layout = 'plain' | 'nchw';

const nchwOfNhwc = [0, 2, 3, 1] as const;

/** Where an axis of a rank-4 NHWC tensor is in the given layout. */
export function axisIn(layout: Layout, axis: number): number {
  return layout === 'plain' ? axis : (nchwOfNhwc[axis] ?? axis);
}

/** Something per axis, NHWC order, in the order of the layout. */
export function perAxisIn<T>(layout: Layout, values: readonly T[]): T[] {
  if (layout === 'plain') return [...values];
  const result = [...values];
  values.forEach((value, axis) => (result[axisIn('nchw', axis)] = value));
  return result;
}

export const toNchw = [0, 3, 1, 2] as const;
export const toNhwc = [0, 2, 3, 1] as const;
