import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { decodeModel } from '../../../src/onnx/decode-model.ts';
import { importTfjs } from '../../../src/import/tfjs/import-tfjs.ts';
import { assertAgrees } from './agreement.ts';
import { runImported } from './imported.ts';
import { floats } from './op-cases.ts';
import { loadOriginal, runOriginal, useBackend } from './oracle.ts';
import type { Flat } from './oracle.ts';
import { float, int, ints, text, tinyModel, type } from './tiny-model.ts';
import type { TinyModel, TinyNode } from './tiny-model.ts';

before(() => useBackend('cpu'));

const i32 = (values: number[], shape = [values.length]): Flat => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(values),
});
const node = (name: string, op: string, input: string[], attr = {}): TinyNode => ({
  name,
  op,
  input,
  attr,
});
const conv = (padding = 'SAME', stride = 1) => ({
  strides: ints(1, stride, stride, 1),
  dilations: ints(1, 1, 1, 1),
  padding: text(padding),
  data_format: text('NHWC'),
});

/** The node types of the imported graph, after its output `y` was found equal to the original's. */
async function same(model: TinyModel, feeds: Readonly<Record<string, Flat>>): Promise<string[]> {
  const { onnx } = importTfjs({ modelJson: model.json, shards: [model.weights] });
  const original = await loadOriginal(model.json, model.weights);
  const [expected] = await runOriginal(original, feeds, ['y']);
  const [actual] = await runImported(onnx, feeds, ['y']);
  original.dispose();
  assert.ok(actual && expected);
  assertAgrees(actual, expected, 1e-4, 'y');
  return decodeModel(onnx).graph.nodes.map(({ opType }) => opType);
}

const x = floats([2, 6, 7, 3]);
const placeholder = { x: { dtype: 'float32', shape: [-1, 6, 7, 3] } } as const;

test('scale, shift and batch norm after a convolution become part of it', async () => {
  const constants = {
    w: floats([3, 3, 3, 4]),
    s: floats([4]),
    b: floats([1, 1, 4]),
    v: floats([4], 0.5, 2),
    h: floats([], 3, 3),
  };
  const model = tinyModel(placeholder, constants, [
    node('c', 'Conv2D', ['x', 'w'], conv()),
    node('m', 'Mul', ['s', 'c']),
    node('a', 'AddV2', ['m', 'b']),
    node('d', 'Sub', ['a', 'h']),
    node('n', 'FusedBatchNormV3', ['d', 's', 's', 's', 'v'], { epsilon: float(0.01) }),
    node('y', 'Relu', ['n']),
  ]);
  assert.deepEqual(await same(model, { x }), ['Transpose', 'Conv', 'Relu', 'Transpose']);
});

test('a convolution that several read is not folded into each of them', async () => {
  const model = tinyModel(placeholder, { w: floats([3, 3, 3, 4]), three: floats([], 3, 3) }, [
    node('c', 'Conv2D', ['x', 'w'], conv()),
    node('a', 'AddV2', ['c', 'three']),
    node('r', 'Relu6', ['a']),
    node('y', 'Mul', ['c', 'r']),
  ]);
  const types = await same(model, { x });
  assert.equal(types.filter((op) => op === 'Conv').length, 1);
});

test('a hard swish over 16 channels is a small convolution, a limit and a product', async () => {
  const constants = {
    w: floats([3, 3, 3, 16]),
    three: floats([], 3, 3),
    sixth: floats([], 1 / 6, 1 / 6),
  };
  const model = tinyModel(placeholder, constants, [
    node('c', 'Conv2D', ['x', 'w'], conv()),
    node('a', 'AddV2', ['c', 'three']),
    node('r', 'Relu6', ['a']),
    node('s', 'Mul', ['r', 'sixth']),
    node('y', 'Mul', ['c', 's']),
  ]);
  assert.deepEqual(await same(model, { x }), [
    'Transpose',
    'Conv',
    'Conv',
    'Clip',
    'Mul',
    'Transpose',
  ]);
});

test('limits join: Relu, Minimum, Maximum are one Clip', async () => {
  const model = tinyModel(
    placeholder,
    { w: floats([3, 3, 3, 4]), low: floats([], 0, 0), six: floats([], 6, 6) },
    [
      node('c', 'Conv2D', ['x', 'w'], conv()),
      node('r', 'Relu', ['c']),
      node('m', 'Minimum', ['r', 'six']),
      node('y', 'Maximum', ['low', 'm']),
    ],
  );
  assert.deepEqual(await same(model, { x }), ['Transpose', 'Conv', 'Clip', 'Transpose']);
});

test('limits that contradict each other keep their order', async () => {
  const model = tinyModel(placeholder, { high: floats([], -1, -1) }, [
    node('r', 'Relu', ['x']),
    node('y', 'Minimum', ['r', 'high']),
  ]);
  await same(model, { x });
});

test('padding in front of a convolution becomes its own, also on top of SAME', async () => {
  const pads = i32([0, 0, 1, 0, 2, 1, 0, 0], [4, 2]);
  for (const padding of ['VALID', 'SAME']) {
    const model = tinyModel(placeholder, { w: floats([3, 3, 3, 4]), pads }, [
      node('p', 'Pad', ['x', 'pads']),
      node('y', 'Conv2D', ['p', 'w'], conv(padding, 2)),
    ]);
    assert.deepEqual(await same(model, { x }), ['Transpose', 'Conv', 'Transpose']);
  }
});

test('a residual block stays in NCHW between its convolutions', async () => {
  const constants = {
    w: floats([3, 3, 3, 4]),
    v: floats([1, 1, 8, 8]),
    pads: i32([0, 0, 0, 0, 0, 0, 0, 4], [4, 2]),
    axis: i32([3], []),
  };
  const model = tinyModel(placeholder, constants, [
    node('c', 'Conv2D', ['x', 'w'], conv()),
    node('p', 'Pad', ['c', 'pads']),
    node('j', 'ConcatV2', ['c', 'c', 'axis'], { N: int(2) }),
    node('a', 'AddV2', ['p', 'j']),
    node('d', 'Conv2D', ['a', 'v'], conv()),
    node('s', 'AddV2', ['d', 'a']),
    node('y', 'Sigmoid', ['s']),
  ]);
  const types = await same(model, { x });
  assert.equal(types.filter((op) => op === 'Transpose').length, 2);
});

test('a shape computed from the batch leaves the batch open', async () => {
  const constants = { zero: i32([0]), one: i32([1]), rest: i32([126], []) };
  const slice = {
    shrink_axis_mask: int(1),
    begin_mask: int(0),
    end_mask: int(0),
    ellipsis_mask: int(0),
    new_axis_mask: int(0),
  };
  const model = tinyModel(placeholder, constants, [
    node('shape', 'Shape', ['x'], { out_type: type('int32') }),
    node('n', 'StridedSlice', ['shape', 'zero', 'one', 'one'], slice),
    node('target', 'Pack', ['n', 'rest'], { axis: int(0) }),
    node('y', 'Reshape', ['x', 'target']),
  ]);
  assert.deepEqual(await same(model, { x }), ['Reshape']);
});

test('a batch that a reshape fixes is warned about', () => {
  const model = tinyModel(placeholder, { target: i32([2, 126]) }, [
    node('y', 'Reshape', ['x', 'target']),
  ]);
  const { report } = importTfjs({ modelJson: model.json, shards: [model.weights] });
  assert.match(report.warnings.join(), /y fixes the batch/);
});

test('shape arithmetic on constants is done at import', async () => {
  const constants = {
    a: i32([2, 3]),
    b: i32([3, 7]),
    sparse: i32([1, 3], [2, 1]),
    size: i32([4]),
    ones: i32([1, 6]),
    none: i32([1], []),
    axis: i32([0]),
  };
  const model = tinyModel(placeholder, constants, [
    node('m', 'Mul', ['a', 'b']),
    node('q', 'FloorDiv', ['m', 'a']),
    node('d', 'SparseToDense', ['sparse', 'size', 'ones', 'none']),
    node('p', 'Prod', ['q', 'axis'], { keep_dims: { b: true } }),
    node('j', 'ConcatV2', ['d', 'p', 'none0'], { N: int(2) }),
    node('none0', 'Sub', ['none', 'none']),
    node('f', 'Cast', ['j'], { SrcT: type('int32'), DstT: type('float32') }),
    node('s', 'Sum', ['f', 'axis'], { keep_dims: { b: false } }),
    node('y', 'AddV2', ['x', 's']),
  ]);
  assert.deepEqual(await same(model, { x }), ['Add']);
});

test('quantised weights mean what TensorFlow.js takes them for', async () => {
  const model = tinyModel(
    { x: { dtype: 'float32', shape: [4] } },
    { a: i32([0]), b: i32([0]), c: i32([0]), d: i32([0]) },
    [
      node('i', 'Cast', ['d'], { SrcT: type('int32'), DstT: type('float32') }),
      node('y', 'AddN', ['x', 'a', 'b', 'c', 'i']),
    ],
  );
  const entry = (name: string, dtype: string, quantization: object) => ({
    name,
    shape: [4],
    dtype,
    quantization,
  });
  const [group] = model.json.weightsManifest;
  assert.ok(group);
  group.weights = [
    entry('a', 'float32', { dtype: 'uint8', scale: 0.37, min: -11.5, original_dtype: 'float32' }),
    entry('b', 'float32', {
      dtype: 'uint16',
      scale: 0.0021,
      min: -3.25,
      original_dtype: 'float32',
    }),
    entry('c', 'float32', { dtype: 'float16', original_dtype: 'float32' }),
    entry('d', 'int32', { dtype: 'uint8', scale: 1.5, min: -7, original_dtype: 'int32' }),
  ];
  const halves = Uint16Array.of(0x3c01, 0x8001, 0xfbff, 0x0400);
  const weights = Buffer.concat([
    Uint8Array.of(0, 1, 128, 255),
    new Uint8Array(Uint16Array.of(0, 1, 40_000, 65_535).buffer),
    new Uint8Array(halves.buffer),
    Uint8Array.of(0, 3, 77, 255),
  ]);
  await same({ ...model, weights }, { x: floats([4]) });
});

test('shards are joined before they are cut', () => {
  const model = tinyModel(placeholder, { w: floats([3, 3, 3, 4]) }, [
    node('y', 'Conv2D', ['x', 'w'], conv()),
  ]);
  const [group] = model.json.weightsManifest;
  assert.ok(group);
  group.paths = ['a', 'b'];
  const parts = [model.weights.subarray(0, 101), model.weights.subarray(101)] as const;
  const byName = importTfjs({
    modelJson: model.json,
    shards: new Map([
      ['b', parts[1]],
      ['a', parts[0]],
    ]),
  });
  const inOrder = importTfjs({ modelJson: model.json, shards: parts });
  assert.deepEqual(byName.onnx, inOrder.onnx);
  group.paths = ['a'];
  const whole = importTfjs({ modelJson: model.json, shards: [model.weights] });
  assert.deepEqual(byName.onnx, whole.onnx);
});

test('a loop over a batch of known size is written out', async () => {
  const enter = { frame_name: text('map') };
  const constants = { zero: i32([0], []), one: i32([1], []), two: i32([2], []), any: i32([-1]) };
  const list = { element_dtype: type('float32') };
  const model = tinyModel({ x: { dtype: 'float32', shape: [2, 3] } }, constants, [
    node('in', 'TensorListFromTensor', ['x', 'any'], list),
    node('out', 'TensorListReserve', ['any', 'two'], list),
    node('i0', 'Enter', ['zero'], enter),
    node('o0', 'Enter', ['out'], enter),
    node('l0', 'Enter', ['in'], enter),
    node('i', 'Merge', ['i0', 'i3']),
    node('o', 'Merge', ['o0', 'o3']),
    node('l', 'Merge', ['l0', 'l3']),
    node('less', 'Less', ['i', 'two']),
    node('cond', 'LoopCond', ['less']),
    node('i1', 'Switch', ['i', 'cond']),
    node('o1', 'Switch', ['o', 'cond']),
    node('l1', 'Switch', ['l', 'cond']),
    node('item', 'TensorListGetItem', ['l1:1', 'i1:1', 'any'], list),
    node('square', 'Square', ['item']),
    node('o2', 'TensorListSetItem', ['o1:1', 'i1:1', 'square'], list),
    node('i2', 'AddV2', ['i1:1', 'one']),
    node('i3', 'NextIteration', ['i2']),
    node('o3', 'NextIteration', ['o2']),
    node('l3', 'NextIteration', ['l1:1']),
    node('end', 'Exit', ['o1']),
    node('y', 'TensorListStack', ['end', 'any'], { ...list, num_elements: int(2) }),
  ]);
  const input = floats([2, 3]);
  const { onnx } = importTfjs({ modelJson: model.json, shards: [model.weights] });
  const [y] = await runImported(onnx, { x: input }, ['y']);
  assert.deepEqual(y, {
    dtype: 'float32',
    shape: [2, 3],
    data: Float32Array.from(input.data, (v) => v * v),
  });
});
