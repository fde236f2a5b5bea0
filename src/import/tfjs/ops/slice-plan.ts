import type { Attributes } from '../graph/attributes.ts';
import { shapeError } from '../graph/shape.ts';
import type { Shape } from '../graph/shape.ts';

/** The bit masks of StridedSlice; bit i speaks of entry i of begin, end and strides. */
export interface Masks {
  readonly begin: number;
  readonly end: number;
  readonly ellipsis: number;
  readonly newAxis: number;
  readonly shrink: number;
}

export function readMasks(attrs: Attributes): Masks {
  const mask = (name: string): number => attrs.int(`${name}_mask`, 0);
  return {
    begin: mask('begin'),
    end: mask('end'),
    ellipsis: mask('ellipsis'),
    newAxis: mask('new_axis'),
    shrink: mask('shrink_axis'),
  };
}

export interface AxisRange {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

export interface SlicePlan {
  /** One range per axis of the input; `end` may lie beyond the axis. */
  readonly axes: readonly AxisRange[];
  /** Axes of the input that disappear. */
  readonly shrunk: readonly number[];
  /** Places of new axes of size 1 in the result. */
  readonly added: readonly number[];
}

const far = 2 ** 31;
const whole: AxisRange = { begin: 0, end: far, step: 1 };

/**
 * What a StridedSlice takes from each axis. The entries name axes in turn; the one under `ellipsis`
 * stands for all axes that the others leave, one under `newAxis` for none.
 * Source: tensorflow.org/api_docs/python/tf/strided_slice.
 */
export function planStridedSlice(
  shape: Shape,
  begin: readonly number[],
  end: readonly number[],
  steps: readonly number[],
  masks: Masks,
  node: string,
): SlicePlan {
  if (begin.length !== end.length || begin.length !== steps.length || begin.length > 31) {
    throw shapeError(node, `${begin.length} begins, ${end.length} ends, ${steps.length} strides`);
  }
  const bit = (mask: number, i: number): boolean => (mask & (1 << i)) !== 0;
  const axes: AxisRange[] = [];
  const shrunk: number[] = [];
  const added: number[] = [];
  let kept = 0;
  begin.forEach((from, i) => {
    if (bit(masks.ellipsis, i)) {
      const later = begin.filter((_, j) => j > i && !bit(masks.newAxis, j)).length;
      while (axes.length < shape.length - later) {
        axes.push(whole);
        kept += 1;
      }
    } else if (bit(masks.newAxis, i)) {
      added.push(kept);
      kept += 1;
    } else if (bit(masks.shrink, i)) {
      shrunk.push(axes.length);
      axes.push(single(shape[axes.length], from, node));
    } else {
      axes.push(
        range(
          steps[i] ?? 1,
          bit(masks.begin, i) ? undefined : from,
          bit(masks.end, i) ? undefined : (end[i] ?? 0),
          node,
        ),
      );
      kept += 1;
    }
  });
  if (axes.length > shape.length)
    throw shapeError(node, `a slice of ${axes.length} axes of [${shape.join()}]`);
  while (axes.length < shape.length) axes.push(whole);
  return { axes, shrunk, added };
}

function single(dim: number | undefined, index: number, node: string): AxisRange {
  if (dim !== undefined && dim !== -1 && (index >= dim || index < -dim)) {
    throw shapeError(node, `index ${index} of an axis of ${dim}`);
  }
  return { begin: index, end: index === -1 ? far : index + 1, step: 1 };
}

function range(
  step: number,
  begin: number | undefined,
  end: number | undefined,
  node: string,
): AxisRange {
  if (step === 0) throw shapeError(node, 'a stride of 0');
  return { begin: begin ?? (step > 0 ? 0 : far), end: end ?? (step > 0 ? far : -far), step };
}

/** Entries that `begin`, `end`, `step` take from an axis of `dim`, by NumPy's rules; -1 if dim is. */
export function sliceLength(dim: number, begin: number, end: number, step: number): number {
  if (dim === -1) {
    const fixed =
      step === 1 && ((begin >= 0 && end === begin + 1) || (begin < 0 && end === begin + 1));
    return fixed || (begin === -1 && end === far && step === 1) ? 1 : -1;
  }
  const { first, last } = sliceBounds(dim, begin, end, step);
  return Math.max(0, Math.ceil((last - first) / step));
}

/** begin and end counted from the front and kept within the axis. */
export function sliceBounds(dim: number, begin: number, end: number, step: number) {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? dim : dim - 1;
  const limit = (value: number): number =>
    Math.min(high, Math.max(low, value < 0 ? value + dim : value));
  return { first: limit(begin), last: limit(end) };
}
