import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../../src/onnx/encode-model.ts';
import { dataTypes } from '../../../src/onnx/model.ts';
import { opsets } from '../../../src/import/sklearn/compile-chain.ts';
import { Emitter } from '../../../src/import/sklearn/graph/emitter.ts';
import { coupleProbabilities, importSklearn } from '../../../src/import/sklearn/import-sklearn.ts';
import { golden } from './golden.ts';
import { feedsOf, rowsOf, run, sessionOf } from './run-graph.ts';

/** A graph of one float64 input X [N, width] and one output. */
async function answer(
  width: number,
  row: readonly number[],
  write: (e: Emitter, x: string) => string,
) {
  const e = new Emitter();
  const x = e.input('X', 'float64', ['N', width]);
  const y = e.op('Identity', [write(e, x)]);
  const output = { name: 'Y', dataType: dataTypes.float64, shape: ['N', null] };
  const graph = e.builder.build('test', [output], [y]);
  const model = {
    irVersion: 9,
    producerName: '',
    producerVersion: '',
    opsets,
    metadata: new Map<string, string>(),
    graph,
    functionCount: 0,
  };
  const session = await InferenceSession.create(encodeModel(model));
  const feeds = { X: new Tensor('float64', Float64Array.from(row), [1, width]) };
  const { Y } = await session.run(feeds);
  return Array.from(Y?.data as Float64Array);
}

describe('float64 stays float64', () => {
  const third = 1 / 3;

  it('where a product meets a factor (MatMulScaleFusion)', async () => {
    const weights = [0.1, 0.7, 0.3, 0.9];
    const found = await answer(2, [1.1, 2.3], (e, x) =>
      e.mul(e.matmul(e.div(x, e.row([0.1])), e.f64([2, 2], weights)), e.scalar(third)),
    );
    const expected = [0, 1].map(
      (j) => ((1.1 / 0.1) * (weights[j] ?? 0) + (2.3 / 0.1) * (weights[j + 2] ?? 0)) * third,
    );
    found.forEach((value, i) =>
      assert.ok(Math.abs(value - (expected[i] ?? 0)) < 1e-14, `${value} is not ${expected[i]}`),
    );
  });

  // One line per operator that the importer relies on: a runtime that drops one is found here.
  const unary = [
    'Abs',
    'Exp',
    'Log',
    'Sqrt',
    'Sigmoid',
    'Tanh',
    'Relu',
    'Floor',
    'Sign',
    'Neg',
    'Reciprocal',
    'Sin',
    'Cos',
  ] as const;
  const reference: Readonly<Record<(typeof unary)[number], (v: number) => number>> = {
    Abs: Math.abs,
    Exp: Math.exp,
    Log: Math.log,
    Sqrt: Math.sqrt,
    Sigmoid: (v) => 1 / (1 + Math.exp(-v)),
    Tanh: Math.tanh,
    Relu: (v) => Math.max(v, 0),
    Floor: Math.floor,
    Sign: Math.sign,
    Neg: (v) => -v,
    Reciprocal: (v) => 1 / v,
    Sin: Math.sin,
    Cos: Math.cos,
  };
  for (const type of unary)
    it(type, async () => {
      const [found = NaN] = await answer(1, [1.2345678901234567], (e, x) => e.op(type, [x]));
      assert.ok(Math.abs(found - reference[type](1.2345678901234567)) < 1e-15);
    });
});

describe('pairwise coupling outside of the graph', () => {
  for (const name of ['svc-proba-iris', 'nu-svc-wine', 'svc-four', 'svc-proba-cancer'])
    it(`gives what the loop inside gives: ${name}`, async () => {
      const one = golden()[0]?.cases.find((c) => c.name === name);
      assert.ok(one);
      const made = importSklearn([{ name, bytes: one.bytes }], { coupleOutside: true });
      const { coupling } = made.signature;
      assert.ok(coupling);
      const session = await sessionOf(made);
      const answers = await run(session, feedsOf(made.signature, one.input, rowsOf(one.input)));
      const pairwise = Float64Array.from(answers[coupling.from]?.data ?? [], Number);
      const expected = one.expected.get('predict_proba')?.values ?? [];
      coupleProbabilities(pairwise, coupling.classes).forEach((p, i) =>
        assert.ok(Math.abs(p - Number(expected[i])) < 1e-12),
      );
    });
});
