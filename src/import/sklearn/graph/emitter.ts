import { dataTypes } from '../../../onnx/model.ts';
import type { DataTypeName, Dimension, Tensor } from '../../../onnx/model.ts';
import { GraphBuilder } from '../../../onnx/graph-builder.ts';
import type { AttributeValue } from '../../../onnx/graph-builder.ts';

/** The name of a tensor inside of the graph. */
export type Name = string;
type Numbers = ArrayLike<number>;
type Attributes = Readonly<Record<string, AttributeValue>>;

/**
 * Emits nodes over float64 tensors. Only operators for which onnxruntime's CPU provider has double
 * kernels may be used here (test/import/sklearn/precision.test.ts pins some): no `OneHot`, `Erf`,
 * `NonZero`, and none of the `ai.onnx.ml` linear, SVM and scaler operators, which compute in float32.
 */
export class Emitter {
  readonly builder = new GraphBuilder();
  /** Constants of one element that float32 does not hold. */
  readonly #inexact = new Set<Name>();
  /** Products, and what was multiplied by such a scalar. */
  readonly #fusible = new Set<Name>();

  input(name: string, type: DataTypeName, shape: readonly Dimension[]): Name {
    return this.builder.addInput({ name, dataType: dataTypes[type], shape });
  }

  op(type: string, inputs: readonly Name[], attributes: Attributes = {}): Name {
    return this.ops(type, inputs, 1, attributes)[0] ?? '';
  }

  ops(
    type: string,
    inputs: readonly Name[],
    outputs: number,
    attributes: Attributes = {},
  ): readonly Name[] {
    return this.builder.addNode(type, 'v', inputs, outputs, attributes).outputs;
  }

  /** An operator of the `ai.onnx.ml` domain. */
  ml(type: string, inputs: readonly Name[], attributes: Attributes): Name {
    return this.builder.addNode(type, 'm', inputs, 1, attributes, 'ai.onnx.ml').outputs[0] ?? '';
  }

  // Constants

  /** A float64 scalar. */
  scalar(value: number): Name {
    return this.f64([], [value]);
  }

  f64(dims: readonly number[], data: Numbers): Name {
    const name = this.#constant('float64', dims, Float64Array.from(data));
    const first = data[0] ?? 0;
    if (data.length === 1 && Math.fround(first) !== first) this.#inexact.add(name);
    return name;
  }

  /** [1, n]: what is broadcast over all rows. */
  row(data: Numbers): Name {
    return this.f64([1, data.length], data);
  }

  /** [n] of int64: axes, shapes, indexes. */
  i64(data: Numbers, dims: readonly number[] = [data.length]): Name {
    return this.#constant('int64', dims, BigInt64Array.from(Array.from(data, BigInt)));
  }

  bools(dims: readonly number[], data: readonly boolean[]): Name {
    return this.#constant('bool', dims, Uint8Array.from(data, Number));
  }

  strings(dims: readonly number[], data: readonly string[]): Name {
    return this.builder.addStrings('s', dims, data);
  }

  #constant(type: DataTypeName, dims: readonly number[], data: ArrayBufferView): Name {
    return this.builder.addConstant('c', type, dims, bytesOf(data));
  }

  // Arithmetic, by element, broadcast

  add(a: Name, b: Name): Name {
    return this.op('Add', [a, b]);
  }
  sub(a: Name, b: Name): Name {
    return this.op('Sub', [a, b]);
  }
  mul(a: Name, b: Name): Name {
    return this.#scaled('Mul', a, b);
  }
  div(a: Name, b: Name): Name {
    return this.#scaled('Div', a, b);
  }

  #scaled(type: 'Mul' | 'Div', a: Name, b: Name): Name {
    const inexact = [a, b].some((name) => this.#inexact.has(name));
    if (!inexact) return this.op(type, [a, b]);
    const scaled = this.op(type, [this.#unfused(a), this.#unfused(b)]);
    this.#fusible.add(scaled);
    return scaled;
  }

  /**
   * onnxruntime's MatMulScaleFusion takes a constant factor beside a product into it, as a float32
   * attribute, which costs half of the digits (measured: 4e-8 instead of 1e-15). A `Max` of one
   * input is a copy that keeps the two apart.
   */
  #unfused(name: Name): Name {
    return this.#fusible.has(name) ? this.op('Max', [name]) : name;
  }
  neg(a: Name): Name {
    return this.op('Neg', [a]);
  }
  where(condition: Name, then: Name, otherwise: Name): Name {
    return this.op('Where', [condition, then, otherwise]);
  }
  matmul(a: Name, b: Name): Name {
    const product = this.op('MatMul', [this.#unfused(a), this.#unfused(b)]);
    this.#fusible.add(product);
    return product;
  }

  cast(a: Name, type: DataTypeName): Name {
    return this.op('Cast', [a], { to: dataTypes[type] });
  }

  /** The same row of float64 for as many rows as `like` has. */
  perRow(like: Name, values: Numbers): Name {
    const rows = this.op('Shape', [like], { start: 0, end: 1 });
    return this.op('Expand', [this.row(values), this.concat([rows, this.i64([1])], 0)]);
  }

  // Shapes

  /** Columns `indexes` of a matrix [N, w]. */
  columns(a: Name, indexes: Numbers): Name {
    return this.op('Gather', [a, this.i64(indexes)], { axis: 1 });
  }

  column(a: Name, index: number): Name {
    return this.columns(a, [index]);
  }

  /** Columns from `from` up to `to`. */
  slice(a: Name, from: number, to: number): Name {
    return this.op('Slice', [a, this.i64([from]), this.i64([to]), this.i64([1])]);
  }

  /** Column `index` of [N, w] as [N]. */
  vector(a: Name, index = 0): Name {
    return this.op('Gather', [a, this.i64([index], [])], { axis: 1 });
  }

  concat(parts: readonly Name[], axis = 1): Name {
    return parts.length === 1 ? (parts[0] ?? '') : this.op('Concat', parts, { axis });
  }

  unsqueeze(a: Name, axis: number): Name {
    return this.op('Unsqueeze', [a, this.i64([axis])]);
  }

  squeeze(a: Name, axis: number): Name {
    return this.op('Squeeze', [a, this.i64([axis])]);
  }

  // Reductions along an axis, which is kept

  sum(a: Name, axis = 1, keep = true): Name {
    return this.op('ReduceSum', [a, this.i64([axis])], { keepdims: Number(keep) });
  }
  sumSquares(a: Name, axis = 1, keep = true): Name {
    return this.op('ReduceSumSquare', [a, this.i64([axis])], { keepdims: Number(keep) });
  }
  max(a: Name, axis = 1, keep = true): Name {
    return this.op('ReduceMax', [a, this.i64([axis])], { keepdims: Number(keep) });
  }

  /** The first index [N] of the largest value of each row. */
  argmax(a: Name): Name {
    return this.op('ArgMax', [a], { axis: 1, keepdims: 0 });
  }

  /** An attribute's tensor. */
  tensor(type: DataTypeName, data: ArrayBufferView & { readonly length: number }): Tensor {
    return { name: '', dataType: dataTypes[type], dims: [data.length], raw: bytesOf(data) };
  }
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
