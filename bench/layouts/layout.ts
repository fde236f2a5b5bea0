import { encodeModel } from '../../src/onnx/encode-model.ts';
import { GraphBuilder } from '../../src/onnx/graph-builder.ts';
import { dataTypes, type DataTypeName, type Dimension } from '../../src/onnx/model.ts';

type Attributes = Parameters<GraphBuilder['addNode']>[4];

/** Numbers that weights are cut from: what they are does not matter, how many there are does. */
const noise = Float32Array.from({ length: 1 << 20 }, (_, at) => Math.sin(at * 12.9898) * 0.02);

/** An ONNX graph whose weights are of the right number and mean nothing. */
export class Layout {
  readonly #builder = new GraphBuilder();
  #next = 0;

  input(name: string, shape: readonly Dimension[], type: DataTypeName = 'float32'): string {
    return this.#builder.addInput({ name, dataType: dataTypes[type], shape });
  }

  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#builder.addNode(op, this.#name(op), inputs, 1, attributes).outputs[0] ?? '';
  }

  weights(...dims: readonly number[]): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const values = new Float32Array(count);
    for (let at = 0; at < count; at += noise.length)
      values.set(noise.subarray(0, Math.min(noise.length, count - at)), at);
    return this.#builder.addConstant(
      this.#name('w'),
      'float32',
      dims,
      new Uint8Array(values.buffer),
    );
  }

  /** One number, or a list, of a kind. */
  constant(
    type: 'float32' | 'int64',
    dims: readonly number[],
    ...values: readonly number[]
  ): string {
    const array = type === 'int64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
    return this.#builder.addConstant(this.#name('c'), type, dims, new Uint8Array(array.buffer));
  }

  conv(x: string, from: number, to: number, side: number, stride = 1): string {
    const pad = side >> 1;
    return this.add('Conv', [x, this.weights(to, from, side, side), this.weights(to)], {
      kernel_shape: [side, side],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
  }

  /** A fully connected layer over the last dimension. */
  dense(x: string, from: number, to: number): string {
    return this.add('Add', [this.add('MatMul', [x, this.weights(from, to)]), this.weights(to)]);
  }

  reshape(x: string, ...dims: readonly number[]): string {
    return this.add('Reshape', [x, this.constant('int64', [dims.length], ...dims)]);
  }

  file(output: string, shape: readonly Dimension[], source: string): Uint8Array {
    const outputs = [{ name: output, dataType: dataTypes.float32, shape }];
    return encodeModel({
      irVersion: 8,
      producerName: 'layout',
      producerVersion: '1',
      opsets: new Map([['', 17]]),
      metadata: new Map(),
      functionCount: 0,
      graph: this.#builder.build('layout', outputs, [source]),
    });
  }

  #name(base: string): string {
    return `${base}_${this.#next++}`;
  }
}
