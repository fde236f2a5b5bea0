import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NamedTensors } from '../../src/engine/tabular-tasks.ts';
import { FoveaError } from '../../src/errors.ts';
import type { ServingSteps } from '../../src/worker/serving-steps.ts';
import { SteppedSession, type RunnableModel } from '../../src/worker/stepped-session.ts';

/** Gives back how many tokens each row has, the number beside it, and notes how many rows each run had. */
function countingModel(runs: number[]): RunnableModel {
  return {
    run: () => Promise.reject(new Error('no images here')),
    release: () => Promise.resolve(),
    runTensors: (inputs: NamedTensors) => {
      const { 'text:counts': counts, beside, text } = inputs;
      assert.equal(text, undefined, 'the graph has no input for texts');
      const [rows = 0, width = 0] = counts?.dims ?? [];
      runs.push(rows);
      const data = counts?.data as Float64Array;
      const tokens = Float64Array.from({ length: rows }, (_, row) =>
        data.subarray(row * width, (row + 1) * width).reduce((sum, count) => sum + count, 0),
      );
      const names = Array.from({ length: rows }, (_, row) => `${tokens[row]} tokens`);
      return Promise.resolve({
        tokens: { dtype: 'float64', dims: [rows], data: tokens },
        names: { dtype: 'string', dims: [rows], data: names },
        ...(beside ? { beside } : {}),
      });
    },
  };
}

function stepsOf(width: number, ngrams: [number, number] = [1, 1]): ServingSteps {
  const analyzer = {
    kind: 'word',
    lowercase: true,
    stripAccents: null,
    pattern: '\\w+',
    pythonPattern: '\\w+',
    stopWords: [],
    ngrams,
  } as const;
  const index = { kind: 'hash', alternateSign: false } as const;
  const names = { input: 'text', ids: 'text:ids', counts: 'text:counts' };
  return { texts: [{ ...names, width, analyzer, index, binary: false }] };
}

function rowsOf(texts: readonly string[]): NamedTensors {
  const beside = Float64Array.from(texts, (_, row) => row);
  return {
    text: { dtype: 'string', dims: [texts.length], data: texts },
    beside: { dtype: 'float64', dims: [texts.length, 1], data: beside },
  };
}

describe('a session with steps around it', () => {
  const texts = Array.from({ length: 40 }, (_, row) =>
    Array.from({ length: row }, (_token, at) => `t${at}`).join(' '),
  );

  it('computes wide texts a few rows at a time, and answers as if it were once', async () => {
    const [once, parts]: [number[], number[]] = [[], []];
    const narrow = await new SteppedSession(countingModel(once), stepsOf(1000)).runTensors(
      rowsOf(texts),
    );
    const wide = await new SteppedSession(countingModel(parts), stepsOf(2 ** 20)).runTensors(
      rowsOf(texts),
    );
    assert.deepEqual(once, [40]);
    assert.deepEqual(parts, [15, 15, 10]);
    assert.deepEqual(wide, narrow);
    assert.deepEqual(wide['tokens']?.data.slice(0, 3), Float64Array.of(0, 1, 2));
    assert.equal(wide['names']?.data[39], '39 tokens');
  });

  it('refuses texts that would take more memory than the rest of the process', async () => {
    const session = new SteppedSession(countingModel([]), stepsOf(100, [1, 50]));
    await assert.rejects(
      session.runTensors(rowsOf(['short', 'x'.repeat(80_001)])),
      (error) =>
        error instanceof FoveaError &&
        error.code === 'PREDICT_FAILED' &&
        /80001 characters; this model takes at most 80000/.test(error.message),
    );
  });

  it('makes probabilities of pairs', async () => {
    const pairwise = Float64Array.of(0.5, 0.5, 0.5);
    const model: RunnableModel = {
      ...countingModel([]),
      runTensors: () =>
        Promise.resolve({ pairwise: { dtype: 'float64', dims: [1, 3], data: pairwise } }),
    };
    const coupling = { from: 'pairwise', to: 'probabilities', classes: 3 };
    const outputs = await new SteppedSession(model, { texts: [], coupling }).runTensors({});
    assert.deepEqual(Object.keys(outputs), ['probabilities']);
    const { dims, data } = outputs['probabilities'] ?? {};
    assert.deepEqual(dims, [1, 3]);
    assert.ok(data instanceof Float64Array);
    for (const p of data) assert.ok(Math.abs(p - 1 / 3) < 1e-9);
  });
});
