import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as ort from 'onnxruntime-node';
import { decodeModel } from '../../src/onnx/decode-model.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { GraphBuilder } from '../../src/onnx/graph-builder.ts';
import { defaultDecodeLimits } from '../../src/onnx/message-reader.ts';
import { dataTypes } from '../../src/onnx/model.ts';
import type { Attribute, Graph, Model } from '../../src/onnx/model.ts';
import { OnnxFormatError } from '../../src/onnx/onnx-format-error.ts';
import { seeded } from '../import/tfjs/random.ts';

const empty: Graph = { name: 'g', nodes: [], initializers: [], inputs: [], outputs: [] };

function modelOf(graph: Graph): Model {
  return {
    irVersion: 9,
    producerName: 'test',
    producerVersion: '1',
    opsets: new Map([
      ['', 19],
      ['ai.onnx.ml', 3],
    ]),
    metadata: new Map([
      ['key', 'value'],
      ['empty', ''],
    ]),
    graph,
    functionCount: 0,
  };
}

const tensor = { name: 't', dataType: dataTypes.int64, dims: [2], raw: new Uint8Array(16) };
const attributes: Attribute[] = [
  { name: 'i', kind: 'int', value: -3 },
  { name: 'big', kind: 'int', value: 9_223_372_036_854_775_807n },
  { name: 'f', kind: 'float', value: 0.5 },
  { name: 's', kind: 'string', value: 'grün' },
  { name: 't', kind: 'tensor', value: tensor },
  { name: 'g', kind: 'graph', value: empty },
  { name: 'is', kind: 'ints', value: [1, -2, 3] },
  { name: 'none', kind: 'ints', value: [] },
  { name: 'fs', kind: 'floats', value: [0.25, -8] },
  { name: 'ss', kind: 'strings', value: ['a', ''] },
];

function everything(): Model {
  const external = new Map([
    ['location', 'weights.bin'],
    ['offset', '0'],
  ]);
  return modelOf({
    name: 'g',
    nodes: [
      {
        name: 'n',
        opType: 'Clip',
        domain: 'custom',
        inputs: ['x', '', 'max'],
        outputs: ['y'],
        attributes,
      },
    ],
    initializers: [
      tensor,
      { name: 'far', dataType: dataTypes.float32, dims: [4], externalData: external },
    ],
    inputs: [{ name: 'x', dataType: dataTypes.float32, shape: ['N', 3, null] }],
    outputs: [
      { name: 'y', dataType: dataTypes.float32, shape: [] },
      { name: 'z', dataType: dataTypes.bool, shape: null },
    ],
  });
}

test('what is written is read back', () => {
  assert.deepEqual(decodeModel(encodeModel(everything())), everything());
});

test('the runtime runs what the builder builds, without what no output needs', async () => {
  const builder = new GraphBuilder();
  const x = builder.addInput({ name: 'x', dataType: dataTypes.float32, shape: ['N'] });
  const two = builder.addConstant('two', 'float32', [], new Uint8Array(Float32Array.of(2).buffer));
  const sum = builder.addNode('Add', 'y', [x, two], 1);
  builder.addNode('Neg', 'unused', [x], 1);
  const outputs = ['y', 'again', 'two', 'x2'].map((name) => ({
    name,
    dataType: dataTypes.float32,
    shape: null,
  }));
  const sources = [sum.outputs[0] ?? '', sum.outputs[0] ?? '', two, x];
  const model = modelOf(builder.build('g', outputs, sources));
  assert.deepEqual(
    model.graph.nodes.map((node) => node.opType),
    ['Add', 'Identity', 'Identity', 'Identity'],
  );
  const session = await ort.InferenceSession.create(
    encodeModel({ ...model, opsets: new Map([['', 19]]) }),
  );
  const result = await session.run({ x: new ort.Tensor('float32', [1, 2], [2]) });
  const values = Object.fromEntries(
    Object.entries(result).map(([k, v]) => [k, [...(v.data as Float32Array)]]),
  );
  assert.deepEqual(values, { y: [3, 4], again: [3, 4], two: [2], x2: [1, 2] });
});

test('small constants of the same bytes are kept once, names are unique', () => {
  const builder = new GraphBuilder();
  const bytes = new Uint8Array(4);
  const first = builder.addConstant('c', 'float32', [], bytes);
  assert.equal(builder.addConstant('other', 'float32', [], bytes), first);
  assert.notEqual(builder.addConstant('c', 'int32', [], bytes), first);
  assert.equal(builder.uniqueName('c'), 'c~3');
});

test('typed lists of a tensor become raw data', () => {
  const w = new BinaryWriter();
  const tensorBytes = new BinaryWriter();
  tensorBytes.tag(1, WireType.Varint).int64(2).tag(2, WireType.Varint).int32(dataTypes.float32);
  tensorBytes.tag(4, WireType.LengthDelimited).fork().float(1.5).float(-2).join();
  const graph = new BinaryWriter();
  graph.tag(5, WireType.LengthDelimited).bytes(tensorBytes.finish());
  graph.tag(99, WireType.LengthDelimited).bytes(new Uint8Array(5));
  w.tag(7, WireType.LengthDelimited).bytes(graph.finish());
  const [read] = decodeModel(w.finish()).graph.initializers;
  assert.deepEqual(
    new Float32Array(Uint8Array.from(read?.raw ?? []).buffer),
    Float32Array.of(1.5, -2),
  );
});

function refusal(bytes: Uint8Array, limits = defaultDecodeLimits): string {
  try {
    decodeModel(bytes, limits);
    return 'none';
  } catch (error) {
    assert.ok(error instanceof OnnxFormatError, String(error));
    return error.code;
  }
}

test('limits, lengths and wire types are checked', () => {
  const bytes = encodeModel(everything());
  const limit = (more: object): string => refusal(bytes, { ...defaultDecodeLimits, ...more });
  assert.equal(limit({ maxBytes: 10 }), 'ONNX_LIMIT');
  assert.equal(limit({ maxDepth: 3 }), 'ONNX_LIMIT');
  assert.equal(limit({ maxNodes: 0 }), 'ONNX_LIMIT');
  assert.equal(limit({ maxTensors: 1 }), 'ONNX_LIMIT');
  assert.equal(limit({ maxItems: 5 }), 'ONNX_LIMIT');
  assert.equal(refusal(new Uint8Array()), 'ONNX_MALFORMED');
  assert.equal(refusal(bytes.subarray(0, -4)), 'ONNX_TRUNCATED');
  // Field 7, the graph, as a varint; then one that claims 2 GiB.
  assert.equal(refusal(Uint8Array.of(0x38, 1)), 'ONNX_MALFORMED');
  assert.equal(refusal(Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07)), 'ONNX_TRUNCATED');
});

test('graphs nested 200 deep are refused, not followed', () => {
  // Each level: graph(1) -> node, node(5) -> attribute, attribute(6) -> graph. Built from the inside out.
  let inner = new Uint8Array();
  for (let level = 0; level < 200; level += 1) {
    for (const field of [6, 5, 1]) {
      inner = new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(inner).finish();
    }
  }
  const bytes = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(inner).finish();
  assert.equal(refusal(bytes), 'ONNX_LIMIT');
});

test('2,000 spoilt files raise nothing but OnnxFormatError', () => {
  const sound = encodeModel(everything());
  const next = seeded(7);
  let refused = 0;
  for (let i = 0; i < 2000; i += 1) {
    const spoilt = Uint8Array.from(sound).subarray(
      0,
      i % 3 ? sound.length : Math.floor(next() * sound.length),
    );
    for (let m = 0; m <= i % 4; m += 1)
      spoilt[Math.floor(next() * spoilt.length)] = Math.floor(next() * 256);
    if (refusal(spoilt) !== 'none') refused += 1;
  }
  assert.ok(refused > 500, `${refused} refused`);
});
