import { encodeModel } from '../../src/onnx/encode-model.ts';
import {
  dataTypes,
  type Attribute,
  type Dimension,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type ValueInfo,
} from '../../src/onnx/model.ts';

/** Small real models, written with the project's own ONNX encoder. */

export const float = (name: string, shape: readonly Dimension[]): ValueInfo => ({
  name,
  dataType: dataTypes.float32,
  shape,
});
export const value = (
  name: string,
  type: keyof typeof dataTypes,
  shape: readonly Dimension[] | null,
): ValueInfo => ({ name, dataType: dataTypes[type], shape });

export function node(
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Attribute[] = [],
  domain = '',
): Node {
  return { name: outputs[0] ?? '', opType, domain, inputs, outputs, attributes };
}

const ints = (name: string, value: number[]): Attribute => ({ name, kind: 'ints', value });
const floats = (name: string, value: number[]): Attribute => ({
  name,
  kind: 'floats',
  value,
});
const strings = (name: string, value: string[]): Attribute => ({
  name,
  kind: 'strings',
  value,
});
export const int = (name: string, value: number): Attribute => ({ name, kind: 'int', value });
const text = (name: string, value: string): Attribute => ({ name, kind: 'string', value });

export function constant(name: string, values: number[], dims: number[]): Tensor {
  const raw = new Uint8Array(Float32Array.from(values).buffer);
  return { name, dataType: dataTypes.float32, dims, raw };
}

export function integers(name: string, values: number[], dims: number[]): Tensor {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dataType: dataTypes.int64, dims, raw };
}

export function modelFile(
  graph: Omit<Graph, 'name' | 'initializers'> & { initializers?: Tensor[] },
  more: Partial<Model> = {},
): Buffer<ArrayBuffer> {
  return Buffer.from(
    encodeModel({
      irVersion: 9,
      producerName: 'test',
      producerVersion: '1',
      opsets: new Map([
        ['', 19],
        ['ai.onnx.ml', 3],
        ['com.microsoft', 1],
      ]),
      metadata: new Map(),
      functionCount: 0,
      ...more,
      graph: { name: 'g', initializers: [], ...graph },
    }),
  );
}

const ml = 'ai.onnx.ml';
const flowers = ['setosa', 'versicolor', 'virginica'];

/** Four features, three classes: scores are the first three features, times `scale`. */
export function linearClassifier({
  zipmap = false,
  scale = 1,
  labels = flowers,
}: { zipmap?: boolean; scale?: number; labels?: string[] } = {}): Buffer<ArrayBuffer> {
  const coefficients = Array.from({ length: 12 }, (_, i) =>
    i % 4 === Math.floor(i / 4) ? scale : 0,
  );
  const nodes = [
    node(
      'LinearClassifier',
      ['X'],
      ['label', 'scores'],
      [
        strings('classlabels_strings', labels),
        floats('coefficients', coefficients),
        floats('intercepts', [0, 0, 0]),
        text('post_transform', 'SOFTMAX'),
      ],
      ml,
    ),
    zipmap
      ? node('ZipMap', ['scores'], ['probabilities'], [strings('classlabels_strings', labels)], ml)
      : node('Identity', ['scores'], ['probabilities']),
  ];
  const probabilities: ValueInfo = zipmap
    ? { name: 'probabilities', dataType: null, shape: null }
    : float('probabilities', ['N', 3]);
  return modelFile({
    nodes,
    inputs: [float('X', ['N', 4])],
    outputs: [value('label', 'string', ['N']), probabilities],
  });
}

/** One feature x: 10 below 0.5, 20 above; double the answer with `factor`. */
export function treeRegressor(factor = 1): Buffer<ArrayBuffer> {
  const attributes = [
    ints('nodes_treeids', [0, 0, 0]),
    ints('nodes_nodeids', [0, 1, 2]),
    ints('nodes_featureids', [0, 0, 0]),
    floats('nodes_values', [0.5, 0, 0]),
    strings('nodes_modes', ['BRANCH_LEQ', 'LEAF', 'LEAF']),
    ints('nodes_truenodeids', [1, 0, 0]),
    ints('nodes_falsenodeids', [2, 0, 0]),
    ints('nodes_missing_value_tracks_true', [0, 0, 0]),
    ints('target_treeids', [0, 0]),
    ints('target_nodeids', [1, 2]),
    ints('target_ids', [0, 0]),
    floats('target_weights', [10 * factor, 20 * factor]),
    int('n_targets', 1),
  ];
  return modelFile({
    nodes: [node('TreeEnsembleRegressor', ['X'], ['y'], attributes, ml)],
    inputs: [float('X', ['N', 1])],
    outputs: [float('y', ['N', 1])],
  });
}

/** A column of numbers, one of text, one of int64, one of booleans: what mixed tables look like. */
export function mixedModel(): Buffer<ArrayBuffer> {
  return modelFile({
    nodes: [
      node(
        'LabelEncoder',
        ['colour'],
        ['code'],
        [
          strings('keys_strings', ['red', 'green']),
          floats('values_floats', [1, 2]),
          { name: 'default_float', kind: 'float', value: 0 },
        ],
        ml,
      ),
      node('Cast', ['count'], ['countf'], [int('to', dataTypes.float32)]),
      node('Cast', ['flag'], ['flagf'], [int('to', dataTypes.float32)]),
      node('Sum', ['size', 'code', 'countf', 'flagf'], ['total']),
      node('Identity', ['count'], ['same']),
    ],
    inputs: [
      float('size', ['N', 1]),
      value('colour', 'string', ['N', 1]),
      value('count', 'int64', ['N', 1]),
      value('flag', 'bool', ['N', 1]),
    ],
    outputs: [float('total', ['N', 1]), value('same', 'int64', ['N', 1])],
  });
}

/** Text to its code: one string per row, rank 1. */
export function textModel(): Buffer<ArrayBuffer> {
  return modelFile({
    nodes: [
      node(
        'LabelEncoder',
        ['text'],
        ['code'],
        [
          strings('keys_strings', ['yes', 'no']),
          ints('values_int64s', [1, 2]),
          int('default_int64', -1),
        ],
        ml,
      ),
    ],
    inputs: [value('text', 'string', ['N'])],
    outputs: [value('code', 'int64', ['N'])],
  });
}

/** Each value minus the mean of its column over the batch: rows are not independent. */
export function batchNormaliser(): Buffer<ArrayBuffer> {
  return modelFile({
    nodes: [
      node('ReduceMean', ['X', 'axes'], ['mean'], [int('keepdims', 1)]),
      node('Sub', ['X', 'mean'], ['y']),
    ],
    initializers: [integers('axes', [0], [1])],
    inputs: [float('X', ['N', 2])],
    outputs: [float('y', ['N', 2])],
  });
}

/** Takes one row per run, as models exported without a free batch do. */
export function fixedBatch(): Buffer<ArrayBuffer> {
  return modelFile({
    nodes: [node('Mul', ['X', 'two'], ['y'])],
    initializers: [constant('two', [2], [])],
    inputs: [float('X', [1, 3])],
    outputs: [float('y', [1, 3])],
  });
}

/** Weights of some bytes that take part in the answer: y = x + the sum of nothing but zeros. */
export function heavyModel(bytes: number): Buffer<ArrayBuffer> {
  const size = Math.floor(bytes / 4 / 8);
  return modelFile({
    nodes: [node('MatMul', ['X', 'W'], ['h']), node('MatMul', ['h', 'V'], ['y'])],
    initializers: [
      constant(
        'W',
        Array.from({ length: size * 4 }, () => 0.001),
        [4, size],
      ),
      constant(
        'V',
        Array.from({ length: size * 4 }, () => 0.001),
        [size, 4],
      ),
    ],
    inputs: [float('X', ['N', 4])],
    outputs: [float('y', ['N', 4])],
  });
}

/** Repeats a tile as often as the input says: a few bytes in, any number out. */
export function inflatingModel(): Buffer<ArrayBuffer> {
  return modelFile({
    nodes: [node('Expand', ['one', 'X'], ['y'])],
    initializers: [constant('one', [1], [1])],
    inputs: [value('X', 'int64', ['N'])],
    outputs: [float('y', ['M'])],
  });
}

/** Computes for ever when the input is positive; for nothing at all when it is not. */
export function endlessModel(always = false): Buffer<ArrayBuffer> {
  const body: Graph = {
    name: 'body',
    nodes: [node('Identity', ['go'], ['go_on']), node('Identity', ['v'], ['v_out'])],
    initializers: [],
    inputs: [value('i', 'int64', []), value('go', 'bool', []), float('v', [1])],
    outputs: [value('go_on', 'bool', []), float('v_out', [1])],
  };
  return modelFile({
    nodes: [
      node('ReduceMax', ['X'], ['max'], [int('keepdims', 0)]),
      node('Greater', ['max', 'limit'], ['start']),
      node('Loop', ['', 'start', 'zero'], ['end'], [{ name: 'body', kind: 'graph', value: body }]),
      node('Add', ['X', 'end'], ['y']),
    ],
    initializers: [constant('limit', [always ? -1 : 5], []), constant('zero', [0], [1])],
    inputs: [float('X', ['N', 1])],
    outputs: [float('y', ['N', 1])],
  });
}
