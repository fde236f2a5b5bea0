import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SklearnImportError } from '../../../src/import/sklearn/errors.ts';
import { importSklearn } from '../../../src/import/sklearn/import-sklearn.ts';
import type { SklearnImport } from '../../../src/import/sklearn/import-sklearn.ts';
import { golden } from './golden.ts';
import { feedsOf, rowsOf, run, sessionOf } from './run-graph.ts';

const mutants = 3000;

/** Numerical Recipes' generator: the same mutants every time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function imported(bytes: Uint8Array): SklearnImport | undefined {
  try {
    return importSklearn([{ name: 'mutant', bytes }], { limits: { milliseconds: 2000 } });
  } catch (error) {
    assert.ok(error instanceof SklearnImportError, String((error as Error).stack));
    return undefined;
  }
}

it(`${mutants} damaged models are refused by name, or run`, async () => {
  const random = randomFrom(20261121);
  const whole = golden().flatMap(({ cases }) =>
    cases.filter(({ form, input }) => !form.endsWith('zlib') && input.kind === 'matrix'),
  );
  let ran = 0;
  for (let i = 0; i < mutants; i += 1) {
    const one = whole[Math.floor(random() * whole.length)];
    assert.ok(one);
    const bytes = Uint8Array.from(one.bytes);
    for (let change = 0; change < 3; change += 1)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const made = imported(bytes);
    const [input] = made?.signature.inputs ?? [];
    // A number of columns that was changed consistently is another model, which these rows do not fit.
    if (!made || input?.shape[1] !== (one.input.kind === 'matrix' ? one.input.matrix.shape[1] : 0))
      continue;
    const session = await sessionOf(made);
    await run(session, feedsOf(made.signature, one.input, rowsOf(one.input)));
    await session.release();
    ran += 1;
  }
  assert.ok(ran > 0);
});
