import type { AttributeValue, BuiltNode } from '../../../onnx/graph-builder.ts';
import { GraphBuilder } from '../../../onnx/graph-builder.ts';
import { transposed } from '../fold/transposed.ts';
import type { Constant, Dtype } from '../graph/constant.ts';
import { elementCount } from '../graph/shape.ts';
import type { Shape } from '../graph/shape.ts';
import type { TfjsLimits } from '../limits.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';
import { perAxisIn, toNchw, toNhwc } from './value.ts';
import type { Layout, Value } from './value.ts';

/** Writes ONNX nodes for one import and keeps track of which layouts a value exists in. */
export class Emitter {
  readonly builder = new GraphBuilder();
  readonly limits: TfjsLimits;
  readonly warnings = new Set<string>();
  /** The TensorFlow node being translated: ONNX nodes are named after it, errors name it. */
  scope = '';
  /** Uses of an NCHW form that was there already, where a naive translation transposes twice. */
  reusedNchw = 0;

  constructor(limits: TfjsLimits) {
    this.limits = limits;
  }

  /** Adds a node with one output and gives the output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    return this.nodes(opType, inputs, 1, attributes).outputs[0] ?? '';
  }

  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): BuiltNode {
    if (this.builder.nodeCount >= this.limits.emittedNodes) {
      throw new TfjsImportError('TFJS_LIMIT', `More than ${this.limits.emittedNodes} ONNX nodes.`);
    }
    return this.builder.addNode(opType, this.scope, inputs, outputs, attributes);
  }

  /** A new value that exists in one layout. @throws TfjsImportError for absurd shapes. */
  value(dtype: Dtype, shape: Shape, name: string, layout: Layout = 'plain'): Value {
    this.checkShape(shape);
    return { dtype, shape, names: layout === 'plain' ? { plain: name } : { nchw: name } };
  }

  constantValue(constant: Constant): Value {
    this.checkShape(constant.shape);
    return { dtype: constant.dtype, shape: constant.shape, constant, names: {} };
  }

  checkShape(shape: Shape): void {
    const known = shape.reduce((product, dim) => product * Math.max(dim, 1), 1);
    const valid = shape.every((dim) => Number.isInteger(dim) && dim >= -1);
    if (valid && shape.length <= this.limits.rank && known <= this.limits.elements) return;
    throw new TfjsImportError(
      'TFJS_SHAPE_INVALID',
      `Node ${this.scope} would make a tensor of shape [${shape.slice(0, 16).join()}]; allowed are ` +
        `rank ${this.limits.rank} and ${this.limits.elements} elements.`,
      { node: this.scope },
    );
  }

  /** The value's name in TensorFlow's order of axes. */
  plain(value: Value): string {
    value.names.plain ??= value.constant
      ? this.constant(value.constant)
      : this.#relayout(value.names.nchw ?? '', value.shape, 'plain');
    return value.names.plain;
  }

  /** The name of a rank-4 value with its channels on the second axis. */
  nchw(value: Value): string {
    if (value.names.nchw !== undefined) {
      this.reusedNchw += value.constant ? 0 : 1;
      return value.names.nchw;
    }
    value.names.nchw = value.constant
      ? this.constant(transposed(value.constant, toNchw))
      : this.#relayout(value.names.plain ?? '', value.shape, 'nchw');
    return value.names.nchw;
  }

  in(layout: Layout, value: Value): string {
    return layout === 'nchw' ? this.nchw(value) : this.plain(value);
  }

  /** `nchw` if one of the values is at hand in that form and all of them could be. */
  layoutOf(...values: readonly Value[]): Layout {
    const all = values.every((value) => value.shape.length === 4);
    return all && values.some((value) => value.names.nchw !== undefined && !value.constant)
      ? 'nchw'
      : 'plain';
  }

  constant({ dtype, shape, data }: Constant, name = this.scope): string {
    return this.builder.addConstant(name, dtype, shape, rawBytes(data));
  }

  /** A 1-D int64 constant, as ONNX takes shapes, axes and indices. */
  ints(values: readonly number[]): string {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    return this.builder.addConstant(`${this.scope}~ints`, 'int64', [values.length], rawBytes(data));
  }

  int(value: number): string {
    const data = BigInt64Array.of(BigInt(value));
    return this.builder.addConstant(`${this.scope}~int`, 'int64', [], rawBytes(data));
  }

  scalar(dtype: Dtype, value: number): string {
    const data =
      dtype === 'float32'
        ? Float32Array.of(value)
        : dtype === 'int32'
          ? Int32Array.of(value)
          : Uint8Array.of(value);
    return this.constant({ dtype, shape: [], data }, `${this.scope}~scalar`);
  }

  /** `value` as another type, the way TensorFlow casts: towards zero; anything but 0 is true. */
  cast(value: Value, dtype: Dtype): Value {
    if (value.dtype === dtype) return value;
    const layout = this.layoutOf(value);
    const name = this.castName(this.in(layout, value), dtype);
    return this.value(dtype, value.shape, name, layout);
  }

  castName(name: string, to: Dtype | 'int64' | 'float64'): string {
    return this.node('Cast', [name], { to: onnxTypes[to] });
  }

  #relayout(name: string, shape: Shape, to: Layout): string {
    const [, h, w, c] = shape;
    // With a single channel or a single pixel the elements already are in the same order.
    if (c === 1 || (h === 1 && w === 1)) {
      const target = perAxisIn(to, shape).map((dim, axis) => (axis === 0 ? 0 : dim));
      if (!target.includes(-1)) return this.node('Reshape', [name, this.ints(target)]);
    }
    return this.node('Transpose', [name], { perm: to === 'nchw' ? toNchw : toNhwc });
  }
}

const onnxTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;

function rawBytes(data: Constant['data'] | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The elements of a small integer tensor when all of them are known, otherwise undefined. */
export function knownInts(value: Value): number[] | undefined {
  if (value.constant)
    return elementCount(value.shape) <= 65_536 ? [...value.constant.data] : undefined;
  return value.dims && !value.dims.some(Number.isNaN) ? [...value.dims] : undefined;
}
