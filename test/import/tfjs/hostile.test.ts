import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importTfjs } from '../../../src/import/tfjs/import-tfjs.ts';
import type { TfjsModel } from '../../../src/import/tfjs/import-tfjs.ts';
import { TfjsImportError } from '../../../src/import/tfjs/tfjs-import-error.ts';
import type { TfjsImportCode } from '../../../src/import/tfjs/tfjs-import-error.ts';
import { floats } from './op-cases.ts';
import { flag, int, ints, text, tinyModel, type } from './tiny-model.ts';
import type { TinyModel, TinyNode } from './tiny-model.ts';
import { cpuMilliseconds } from '../../support/cpu-time.ts';

const x = { x: { dtype: 'float32', shape: [1, 8, 8, 3] } } as const;
const conv = { strides: ints(1, 1, 1, 1), padding: text('SAME') };
const node = (
  name: string,
  op: string,
  input: string[],
  attr: Record<string, unknown> = {},
): TinyNode => ({ name, op, input, attr });
const filter = { w: floats([3, 3, 3, 4]) };
const i32 = (values: number[], shape = [values.length]) =>
  ({ dtype: 'int32', shape, data: Int32Array.from(values) }) as const;

function healthy(): TinyModel {
  return tinyModel(x, filter, [node('y', 'Conv2D', ['x', 'w'], conv)]);
}

/** A graph of the one node `y` over `x` and constants. */
function single(
  op: string,
  constants: Parameters<typeof tinyModel>[1],
  attr: Record<string, unknown> = {},
): TfjsModel {
  return given(tinyModel(x, constants, [node('y', op, ['x', ...Object.keys(constants)], attr)]));
}

function given(model: TinyModel, more: Partial<TfjsModel> = {}): TfjsModel {
  return { modelJson: model.json, shards: [model.weights], ...more };
}

/** The healthy model's JSON after `change` had its way with it. */
function changed(
  change: (json: TinyModel['json'], entry: Record<string, unknown>) => void,
): TfjsModel {
  const model = healthy();
  const [group] = model.json.weightsManifest;
  change(model.json, (group?.weights[0] ?? {}) as Record<string, unknown>);
  return given(model);
}

const bytes = (value: string): Uint8Array => Buffer.from(value);
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const layers = 'TFJS_LAYERS_MODEL';

const cases: readonly (readonly [string, TfjsImportCode, () => TfjsModel])[] = [
  ['no JSON at all', 'TFJS_JSON_INVALID', () => ({ modelJson: bytes('\u0000ORT'), shards: [] })],
  [
    'bytes that are no UTF-8',
    'TFJS_JSON_INVALID',
    () => ({ modelJson: Uint8Array.of(0xff, 0xfe, 0x7b), shards: [] }),
  ],
  [
    'JSON 200,000 levels deep',
    'TFJS_JSON_INVALID',
    () => ({ modelJson: bytes(deep(200_000)), shards: [] }),
  ],
  [
    'a __proto__ key',
    'TFJS_JSON_INVALID',
    () => ({
      modelJson: bytes(
        '{"format":"graph-model","modelTopology":{"node":[{"name":"a","op":"NoOp","attr":{"__proto__":{"b":true}}}]},"weightsManifest":[]}',
      ),
      shards: [],
    }),
  ],
  [
    'a JSON over the byte limit',
    'TFJS_LIMIT',
    () => ({
      modelJson: bytes(' '.repeat(2000)),
      shards: [],
      options: { limits: { jsonBytes: 1000 } },
    }),
  ],
  [
    'a JSON of too many values',
    'TFJS_LIMIT',
    () => ({
      modelJson: { a: Array.from({ length: 2000 }, () => 0) },
      shards: [],
      options: { limits: { jsonValues: 1000 } },
    }),
  ],
  ['a list instead of a model', 'TFJS_NOT_A_GRAPH_MODEL', () => ({ modelJson: [], shards: [] })],
  [
    'another format',
    'TFJS_NOT_A_GRAPH_MODEL',
    () => ({ modelJson: { format: 'onnx', modelTopology: { node: [] } }, shards: [] }),
  ],
  [
    'a layers-model',
    layers,
    () => ({ modelJson: { format: 'layers-model', modelTopology: {} }, shards: [] }),
  ],
  [
    'a layers-model by its topology',
    layers,
    () => ({ modelJson: { modelTopology: { model_config: {} }, weightsManifest: [] }, shards: [] }),
  ],
  [
    'nodes that are no objects',
    'TFJS_JSON_INVALID',
    () => ({
      modelJson: { format: 'graph-model', modelTopology: { node: [1] }, weightsManifest: [] },
      shards: [],
    }),
  ],
  [
    'an attribute of the wrong form',
    'TFJS_JSON_INVALID',
    () => single('Conv2D', filter, { ...conv, strides: 7 }),
  ],
  [
    'too many nodes',
    'TFJS_LIMIT',
    () => ({ ...given(healthy()), options: { limits: { nodes: 2 } } }),
  ],
  [
    'two nodes of one name',
    'TFJS_GRAPH_INVALID',
    () => changed((json) => json.modelTopology.node.push(node('y', 'Relu', ['x']))),
  ],
  [
    'an input that nobody makes',
    'TFJS_GRAPH_INVALID',
    () => given(tinyModel(x, {}, [node('y', 'Relu', ['nobody'])])),
  ],
  [
    'an output index that a node lacks',
    'TFJS_GRAPH_INVALID',
    () => given(tinyModel(x, {}, [node('a', 'Relu', ['x']), node('y', 'Relu', ['a:7'])])),
  ],
  [
    'a cycle',
    'TFJS_GRAPH_INVALID',
    () =>
      given(
        tinyModel(x, {}, [
          node('a', 'AddV2', ['x', 'b']),
          node('b', 'Relu', ['a']),
          node('y', 'Relu', ['b']),
        ]),
      ),
  ],
  [
    'a node that reads itself',
    'TFJS_GRAPH_INVALID',
    () => given(tinyModel(x, {}, [node('a', 'AddV2', ['x', 'a']), node('y', 'Relu', ['a'])])),
  ],
  [
    'a missing input',
    'TFJS_GRAPH_INVALID',
    () => given(tinyModel(x, {}, [node('y', 'AddV2', ['x'])])),
  ],
  ['a graph without outputs', 'TFJS_SIGNATURE_INVALID', () => given(tinyModel(x, {}, []))],
  [
    'a signature naming what is not there',
    'TFJS_SIGNATURE_INVALID',
    () => changed((json) => (json.signature = { outputs: { y: { name: 'z:0' } } })),
  ],
  [
    'an input that is no Placeholder',
    'TFJS_SIGNATURE_INVALID',
    () =>
      changed(
        (json) =>
          (json.signature = { inputs: { x: { name: 'w' } }, outputs: { y: { name: 'y' } } }),
      ),
  ],
  [
    'an input of unknown rank',
    'TFJS_SIGNATURE_INVALID',
    () =>
      given({
        ...tinyModel({}, {}, [
          {
            name: 'x',
            op: 'Placeholder',
            attr: { dtype: type('float32'), shape: { shape: { unknownRank: true } } },
          },
          node('y', 'Relu', ['x']),
        ]),
      }),
  ],
  [
    'a negative dimension',
    'TFJS_SIGNATURE_INVALID',
    () =>
      given(tinyModel({ x: { dtype: 'float32', shape: [1, -7] } }, {}, [node('y', 'Relu', ['x'])])),
  ],
  [
    'an input of 10^18 elements',
    'TFJS_SHAPE_INVALID',
    () =>
      given(
        tinyModel({ x: { dtype: 'float32', shape: [1e9, 1e9] } }, {}, [node('y', 'Relu', ['x'])]),
      ),
  ],
  [
    'an override of no input',
    'TFJS_SIGNATURE_INVALID',
    () => given(healthy(), { options: { inputs: { nobody: { shape: [1] } } } }),
  ],
  ['no shards', 'TFJS_WEIGHTS_INVALID', () => given(healthy(), { shards: [] })],
  [
    'a shard under another path',
    'TFJS_WEIGHTS_INVALID',
    () => given(healthy(), { shards: new Map([['../../etc/passwd', new Uint8Array(432)]]) }),
  ],
  [
    'a shard one byte short',
    'TFJS_WEIGHTS_INVALID',
    () => given(healthy(), { shards: [healthy().weights.subarray(1)] }),
  ],
  [
    'a shard one byte long',
    'TFJS_WEIGHTS_INVALID',
    () => given(healthy(), { shards: [Buffer.concat([healthy().weights, Buffer.alloc(1)])] }),
  ],
  [
    'a weight of 10^12 bytes',
    'TFJS_LIMIT',
    () => changed((_, entry) => (entry['shape'] = [1e6, 1e6])),
  ],
  [
    'a weight of negative size',
    'TFJS_JSON_INVALID',
    () => changed((_, entry) => (entry['shape'] = [-3, 3, 3, 4])),
  ],
  [
    'a weight of too many axes',
    'TFJS_WEIGHTS_INVALID',
    () => changed((_, entry) => (entry['shape'] = Array.from({ length: 12 }, () => 1))),
  ],
  [
    'a weight declared twice',
    'TFJS_WEIGHTS_INVALID',
    () =>
      changed((json) =>
        json.weightsManifest[0]?.weights.push({ name: 'w', dtype: 'float32', shape: [0] }),
      ),
  ],
  [
    'a constant without weights',
    'TFJS_WEIGHTS_INVALID',
    () => changed((_, entry) => (entry['name'] = 'v')),
  ],
  [
    'a string weight',
    'TFJS_DTYPE_UNSUPPORTED',
    () => changed((_, entry) => (entry['dtype'] = 'string')),
  ],
  [
    'quantised without a scale',
    'TFJS_WEIGHTS_INVALID',
    () =>
      changed((_, entry) =>
        Object.assign(entry, { quantization: { dtype: 'uint8' }, shape: [432] }),
      ),
  ],
  [
    'quantised in an unknown way',
    'TFJS_JSON_INVALID',
    () => changed((_, entry) => (entry['quantization'] = { dtype: 'int4', scale: 1, min: 0 })),
  ],
  [
    'a bool that is quantised',
    'TFJS_WEIGHTS_INVALID',
    () =>
      changed((_, entry) =>
        Object.assign(entry, {
          dtype: 'bool',
          quantization: { dtype: 'uint8', scale: 1, min: 0 },
          shape: [432],
        }),
      ),
  ],
  [
    'a string input',
    'TFJS_DTYPE_UNSUPPORTED',
    () =>
      given(
        tinyModel({}, {}, [
          {
            name: 'x',
            op: 'Placeholder',
            attr: { dtype: { type: 'DT_STRING' }, shape: { shape: { dim: [] } } },
          },
          node('y', 'Identity', ['x']),
        ]),
      ),
  ],
  [
    'a filter for other channels',
    'TFJS_SHAPE_INVALID',
    () => single('Conv2D', { w: floats([3, 3, 5, 4]) }, conv),
  ],
  [
    'a filter larger than the image',
    'TFJS_SHAPE_INVALID',
    () => single('Conv2D', { w: floats([9, 9, 3, 4]) }, { ...conv, padding: text('VALID') }),
  ],
  [
    'a stride of 0',
    'TFJS_ATTRIBUTE_UNSUPPORTED',
    () => single('Conv2D', filter, { ...conv, strides: ints(1, 0, 1, 1) }),
  ],
  [
    'NCHW',
    'TFJS_ATTRIBUTE_UNSUPPORTED',
    () => single('Conv2D', filter, { ...conv, data_format: text('NCHW') }),
  ],
  [
    'a batch norm that trains',
    'TFJS_ATTRIBUTE_UNSUPPORTED',
    () =>
      single(
        'FusedBatchNormV3',
        { a: floats([3]), b: floats([3]), c: floats([3]), d: floats([3]) },
        { is_training: flag(true) },
      ),
  ],
  ['shapes that do not broadcast', 'TFJS_SHAPE_INVALID', () => single('AddV2', { b: floats([7]) })],
  [
    'a reshape that does not fit',
    'TFJS_SHAPE_INVALID',
    () => single('Reshape', { s: i32([1, 7]) }),
  ],
  ['an axis out of range', 'TFJS_SHAPE_INVALID', () => single('Mean', { a: i32([9]) })],
  [
    'a strided slice of stride 0',
    'TFJS_SHAPE_INVALID',
    () => single('StridedSlice', { b: i32([0]), e: i32([1]), s: i32([0]) }),
  ],
  [
    'a tile of 10^15 elements',
    'TFJS_SHAPE_INVALID',
    () => single('Tile', { r: i32([1e6, 1e6, 1e6, 1]) }),
  ],
  [
    'a fill of 10^12 elements',
    'TFJS_SHAPE_INVALID',
    () =>
      given(tinyModel(x, { d: i32([1e6, 1e6]), v: i32([1], []) }, [node('y', 'Fill', ['d', 'v'])])),
  ],
  [
    'a range of 2^31 elements',
    'TFJS_SHAPE_INVALID',
    () =>
      given(
        tinyModel(x, { a: i32([0], []), b: i32([2 ** 31 - 1], []), c: i32([1], []) }, [
          node('y', 'Range', ['a', 'b', 'c']),
        ]),
      ),
  ],
  [
    'folding without end',
    'TFJS_LIMIT',
    () =>
      given(
        tinyModel(
          x,
          { a: floats([1000]) },
          Array.from({ length: 50 }, (_, i) => node(`n${i}`, 'Exp', [i === 0 ? 'a' : `n${i - 1}`])),
        ),
        { options: { limits: { foldedTotal: 20_000 } } },
      ),
  ],
  [
    'a split into a billion',
    'TFJS_SHAPE_INVALID',
    () =>
      given(
        tinyModel(x, { a: i32([3], []) }, [
          node('y', 'Split', ['a', 'x'], { num_split: int(1e9) }),
        ]),
      ),
  ],
  [
    'a one-hot of depth 2^31',
    'TFJS_SHAPE_INVALID',
    () => single('OneHot', { d: i32([2 ** 31 - 1], []), a: i32([1], []), b: i32([0], []) }),
  ],
  [
    'a list of a billion',
    'TFJS_SHAPE_INVALID',
    () =>
      given(
        tinyModel(x, { s: i32([1]), n: i32([1e9], []) }, [
          node('y', 'TensorListReserve', ['s', 'n']),
        ]),
      ),
  ],
  ['an op named like a method', 'TFJS_OP_UNSUPPORTED', () => single('constructor', {})],
  ['a While', 'TFJS_CONTROL_FLOW', () => single('StatelessWhile', {})],
  [
    'a Switch',
    'TFJS_CONTROL_FLOW',
    () =>
      given(
        tinyModel({ ...x, p: { dtype: 'bool', shape: [] } }, {}, [node('y', 'Switch', ['x', 'p'])]),
      ),
  ],
];

for (const [title, code, make] of cases) {
  test(`refused: ${title}`, () => {
    const model = make();
    const start = cpuMilliseconds();
    assert.throws(
      () => importTfjs(model),
      (error) =>
        error instanceof TfjsImportError && (assert.equal(error.code, code, error.message), true),
    );
    assert.ok(cpuMilliseconds() - start < 2000, 'within bounded time');
  });
}

test('the models that are spoilt here are sound to begin with', () => {
  assert.equal(importTfjs(given(healthy())).report.nodes, 3);
});

test('unknown operations are refused together, each with its node', () => {
  const model = tinyModel(x, {}, [
    node('a', 'Quantum', ['x']),
    node('b', 'Bessel', ['a']),
    node('y', 'Quantum', ['b']),
  ]);
  assert.throws(
    () => importTfjs(given(model)),
    (error) => {
      assert.ok(error instanceof TfjsImportError);
      assert.equal(error.code, 'TFJS_OP_UNSUPPORTED');
      assert.deepEqual(error.details['operations'], ['Quantum', 'Bessel']);
      assert.match(error.message, /Quantum \(a\), Bessel \(b\), Quantum \(y\)/);
      return true;
    },
  );
});

test('a chain of 20,000 nodes does not exhaust the stack', () => {
  const chain = Array.from({ length: 20_000 }, (_, i) =>
    node(`n${i}`, 'Abs', [i === 0 ? 'x' : `n${i - 1}`]),
  );
  assert.equal(importTfjs(given(tinyModel(x, {}, chain))).report.nodes, 20_000);
});

/** A TensorFlow 1 loop that adds `step` to `x` while a counter is below `limit`. */
function loop(limit: TinyNode | number): TfjsModel {
  const constants = {
    zero: i32([0], []),
    one: i32([1], []),
    step: floats([3]),
    ...(typeof limit === 'number' ? { limit: i32([limit], []) } : {}),
  };
  const enter = { frame_name: text('loop') };
  return given(
    tinyModel(
      { ...x, ...(typeof limit === 'number' ? {} : { limit: { dtype: 'int32', shape: [] } }) },
      constants,
      [
        node('i0', 'Enter', ['zero'], enter),
        node('v0', 'Enter', ['x'], enter),
        node('i', 'Merge', ['i0', 'i3']),
        node('v', 'Merge', ['v0', 'v3']),
        node('less', 'Less', ['i', 'limit']),
        node('cond', 'LoopCond', ['less']),
        node('i1', 'Switch', ['i', 'cond']),
        node('v1', 'Switch', ['v', 'cond']),
        node('i2', 'AddV2', ['i1:1', 'one']),
        node('v2', 'AddV2', ['v1:1', 'step']),
        node('i3', 'NextIteration', ['i2']),
        node('v3', 'NextIteration', ['v2']),
        node('out', 'Exit', ['v1']),
        node('y', 'Identity', ['out']),
      ],
    ),
  );
}

test('a loop of constant course is written out; one without end or known end is refused', () => {
  assert.equal(importTfjs(loop(3)).report.nodes, 3);
  const code = (error: unknown): boolean =>
    error instanceof TfjsImportError && error.code === 'TFJS_CONTROL_FLOW';
  assert.throws(() => importTfjs(loop(1_000_000)), code);
  assert.throws(() => importTfjs(loop(node('limit', 'Placeholder', []))), code);
});
