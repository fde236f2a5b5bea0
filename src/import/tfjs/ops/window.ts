import type { AttributeValue } from '../../../onnx/graph-builder.ts';
import { shapeError } from '../graph/shape.ts';
import type { OpCall } from './op-call.ts';
import { unsupported } from './op-call.ts';

/** How a window of a convolution or pool moves over height and width. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

export interface Padded {
  /** Height and width of the output; -1 when the input's is unknown. */
  readonly size: readonly [number, number];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** top, left, bottom, right; undefined when only the run can tell. */
  readonly pads?: readonly [number, number, number, number];
}

/**
 * TensorFlow's padding, per axis:
 * VALID: out = ceil((in - span + 1) / stride), span = (kernel - 1) * dilation + 1.
 * SAME: out = ceil(in / stride); total = max((out - 1) * stride + span - in, 0), the smaller half first.
 * EXPLICIT: as given in NHWC order.
 * Source: tensorflow.org/api_docs/python/tf/nn, "Notes on padding".
 */
export function padded(call: OpCall, input: readonly [number, number], window: Window): Padded {
  const padding = call.attrs.text('padding', 'VALID');
  const span = window.kernel.map((k, i) => (k - 1) * at(window.dilation, i) + 1);
  if (padding === 'EXPLICIT') return explicit(call, input, window, span);
  if (padding !== 'SAME' && padding !== 'VALID') throw unsupported(call, `padding "${padding}"`);
  const same = padding === 'SAME';
  const size = [0, 1].map((i) =>
    outSize(call, at(input, i), at(span, i), at(window.stride, i), same),
  );
  if (same && input.includes(-1))
    return { size: pair(size), attributes: { auto_pad: 'SAME_UPPER' } };
  const total = [0, 1].map((i) =>
    same ? Math.max((at(size, i) - 1) * at(window.stride, i) + at(span, i) - at(input, i), 0) : 0,
  );
  const before = total.map((t) => Math.floor(t / 2));
  return withPads(pair(size), [
    at(before, 0),
    at(before, 1),
    at(total, 0) - at(before, 0),
    at(total, 1) - at(before, 1),
  ]);
}

function explicit(
  call: OpCall,
  input: readonly [number, number],
  window: Window,
  span: readonly number[],
): Padded {
  const all = call.attrs.ints('explicit_paddings');
  const valid =
    all.length === 8 && all.every((pad) => Number.isInteger(pad) && pad >= 0 && pad < 65_536);
  const [n0, n1, top, bottom, left, right, c0, c1] = valid ? all : [];
  if (n0 !== 0 || n1 !== 0 || c0 !== 0 || c1 !== 0) {
    throw unsupported(call, `explicit_paddings [${all.slice(0, 16).join()}]`);
  }
  const pads = [top ?? 0, left ?? 0, bottom ?? 0, right ?? 0] as const;
  const size = [0, 1].map((i) => {
    const grown = at(input, i) === -1 ? -1 : at(input, i) + at(pads, i) + at(pads, i + 2);
    return outSize(call, grown, at(span, i), at(window.stride, i), false);
  });
  return withPads(pair(size), pads);
}

function outSize(call: OpCall, input: number, span: number, stride: number, same: boolean): number {
  if (input === -1) return -1;
  const out = same ? Math.ceil(input / stride) : Math.ceil((input - span + 1) / stride);
  if (out >= 1) return out;
  throw shapeError(call.name, `a window of ${span} does not fit into ${input}`);
}

function withPads(
  size: readonly [number, number],
  pads: readonly [number, number, number, number],
): Padded {
  return { size, pads, attributes: { pads } };
}

/** The height and width entries of `strides`, `ksize` or `dilations`, given per NHWC axis. */
export function spatial(call: OpCall, attribute: string, fallback = 1): [number, number] {
  const values = call.attrs.ints(attribute);
  const [n, h, w, c] = values.length === 0 ? [1, fallback, fallback, 1] : values;
  const fits = n === 1 && c === 1 && values.length <= 4 && inRange(h) && inRange(w);
  if (fits) return [h ?? 1, w ?? 1];
  throw unsupported(call, `${attribute} [${values.slice(0, 16).join()}]`);
}

function inRange(value: number | undefined): boolean {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value < 65_536;
}

/** TensorFlow.js runs NHWC only; a graph in NCHW was made for something else. */
export function requireNhwc(call: OpCall): void {
  const format = call.attrs.text('data_format', 'NHWC');
  if (format !== 'NHWC')
    throw unsupported(call, `data_format ${format.slice(0, 16)}, required NHWC`);
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

function pair(values: readonly number[]): [number, number] {
  return [at(values, 0), at(values, 1)];
}
