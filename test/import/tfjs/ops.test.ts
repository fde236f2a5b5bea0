import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { importTfjs } from '../../../src/import/tfjs/import-tfjs.ts';
import { opTable } from '../../../src/import/tfjs/ops/table.ts';
import { assertAgrees } from './agreement.ts';
import { convCases } from './conv-cases.ts';
import { elementwiseCases } from './elementwise-cases.ts';
import { runImported } from './imported.ts';
import { floats } from './op-cases.ts';
import type { OpCase } from './op-cases.ts';
import { loadOriginal, runOriginal, useBackend } from './oracle.ts';
import type { Flat } from './oracle.ts';
import { structureCases } from './structure-cases.ts';
import { ints, text, tinyModel } from './tiny-model.ts';
import type { TinyModel, TinyNode } from './tiny-model.ts';

/** Against the CPU back end, which has every kernel: 1e-4 of the largest magnitude, integers equal. */
const tolerance = 1e-4;

const cases = [...convCases, ...elementwiseCases, ...structureCases];

before(() => useBackend('cpu'));

for (const c of cases) {
  test(`${c.op}: ${c.title}`, async () => {
    await compare(c, {});
    // The same behind a convolution, where the operand is at hand in NCHW.
    if (firstImage(c) !== -1) await compare(c, { afterConv: true });
    // The same with a batch that only the run knows.
    if (!c.fixedBatch) await compare(c, { openBatch: true, afterConv: firstImage(c) !== -1 });
  });
}

/** SpaceToDepth has no kernel in TensorFlow.js: it must undo DepthToSpace. */
test('SpaceToDepth: the inverse of DepthToSpace', async () => {
  const x = floats([2, 4, 6, 3]);
  const attr = { block_size: { i: '2' }, data_format: text('NHWC') };
  const model = tinyModel({ x }, {}, [
    { name: 'deep', op: 'SpaceToDepth', input: ['x'], attr },
    { name: 'y', op: 'DepthToSpace', input: ['deep'], attr },
  ]);
  const { onnx } = importTfjs({ modelJson: model.json, shards: [model.weights] });
  const [y] = await runImported(onnx, { x }, ['y']);
  assert.deepEqual(y, x);
});

/** TensorFlow.js makes int32 of it; TensorFlow keeps float32, and so does the importer. */
test('FloorDiv: floats stay floats', async () => {
  const [a, b] = [floats([2, 6], -9, 9), floats([2, 6], 0.5, 2)];
  const model = tinyModel({ a, b }, {}, [{ name: 'y', op: 'FloorDiv', input: ['a', 'b'] }]);
  const { onnx } = importTfjs({ modelJson: model.json, shards: [model.weights] });
  const [y] = await runImported(onnx, { a, b }, ['y']);
  const expected = Float32Array.from(a.data, (v, i) =>
    Math.floor(Math.fround(v / (b.data[i] ?? 1))),
  );
  assert.deepEqual(y, { dtype: 'float32', shape: [2, 6], data: expected });
});

/** TensorFlow.js cannot; by TensorFlow's definition a vector chooses whole rows. */
test('Select: a vector chooses rows', async () => {
  const c: Flat = { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) };
  const [a, b] = [floats([3, 2]), floats([3, 2])];
  const model = tinyModel({ c, a, b }, {}, [{ name: 'y', op: 'Select', input: ['c', 'a', 'b'] }]);
  const { onnx } = importTfjs({ modelJson: model.json, shards: [model.weights] });
  const [y] = await runImported(onnx, { c, a, b }, ['y']);
  const rows = [a.data.slice(0, 2), b.data.slice(2, 4), a.data.slice(4, 6)];
  assert.deepEqual(
    Array.from(y?.data ?? []),
    rows.flatMap((row) => [...row]),
  );
});

test('every operation of the table has a case', () => {
  const tried = new Set(cases.map((c) => c.op));
  const elsewhere = [
    'SpaceToDepth',
    ...Object.keys(opTable).filter((op) => op.startsWith('TensorList')),
  ];
  const missing = Object.keys(opTable).filter((op) => !tried.has(op) && !elsewhere.includes(op));
  assert.deepEqual(missing, []);
});

interface Variant {
  readonly afterConv?: boolean;
  readonly openBatch?: boolean;
}

async function compare(c: OpCase, variant: Variant): Promise<void> {
  const { model, feeds } = build(c, variant);
  const { onnx } = importTfjs({ modelJson: model.json, shards: [model.weights] });
  const names = Array.from({ length: c.outputs }, (_, i) => `out${i}`);
  const original = await loadOriginal(model.json, model.weights);
  const expected = await runOriginal(original, feeds, names);
  const actual = await runImported(onnx, feeds, names);
  original.dispose();
  expected.forEach((value, i) => {
    const got = actual[i];
    assert.ok(got);
    assertAgrees(
      got,
      value,
      tolerance,
      `${c.op} (${c.title}) ${JSON.stringify(variant)} output ${i}`,
    );
  });
}

/** The first placeholder that a convolution could have made; the filter of one doesn't count. */
function firstImage(c: OpCase): number {
  return c.inputs.findIndex(
    ({ kind, value }) =>
      kind === 'placeholder' && value.dtype === 'float32' && value.shape.length === 4,
  );
}

/** Placeholders or constants, the node, and one Identity per output, so that each can be asked for. */
function build(c: OpCase, variant: Variant): { model: TinyModel; feeds: Record<string, Flat> } {
  const feeds: Record<string, Flat> = {};
  const placeholders: Record<string, Omit<Flat, 'data'>> = {};
  const constants: Record<string, Flat> = {};
  const nodes: TinyNode[] = [];
  const image = variant.afterConv ? firstImage(c) : -1;
  const names = c.inputs.map(({ kind, value }, i) => {
    const name = `in${i}`;
    if (kind === 'constant') {
      constants[name] = value;
      return name;
    }
    feeds[name] = value;
    const [first, ...rest] = value.shape;
    placeholders[name] = {
      dtype: value.dtype,
      shape: variant.openBatch && first !== undefined ? [-1, ...rest] : value.shape,
    };
    if (i !== image) return name;
    const channels = value.shape[3] ?? 1;
    constants['mix'] = mixing(channels);
    const attr = {
      strides: ints(1, 1, 1, 1),
      dilations: ints(1, 1, 1, 1),
      padding: text('SAME'),
      data_format: text('NHWC'),
    };
    nodes.push({ name: 'conv', op: 'Conv2D', input: [name, 'mix'], attr });
    return 'conv';
  });
  nodes.push({ name: 'node', op: c.op, input: names, attr: c.attr });
  for (let i = 0; i < c.outputs; i += 1) {
    nodes.push({ name: `out${i}`, op: 'Identity', input: [i === 0 ? 'node' : `node:${i}`] });
  }
  return { model: tinyModel(placeholders, constants, nodes), feeds };
}

/** A 1x1 filter that shuffles the channels and keeps every value, so that domains (log, acosh) hold. */
function mixing(channels: number): Flat {
  const data = new Float32Array(channels * channels);
  for (let c = 0; c < channels; c += 1) data[c * channels + ((c + 1) % channels)] = 1;
  return { dtype: 'float32', shape: [1, 1, channels, channels], data };
}
