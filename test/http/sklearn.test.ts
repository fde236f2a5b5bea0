import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { golden, type GoldenArray, type GoldenCase } from '../import/sklearn/golden.ts';
import { assertError, startTestServer, type TestServer } from '../support/server.ts';

/** Probabilities of float64 graphs against scikit-learn's own. */
const tolerance = 1e-9;

const [newest] = golden().toReversed();
assert.ok(newest);
const families = ['linear', 'tree', 'boosting', 'svm', 'neighbours', 'bayes', 'network'];

function casesOf(family: string): GoldenCase[] {
  return (
    newest?.cases.filter(
      (one) =>
        one.family === family &&
        one.input.kind === 'matrix' &&
        one.expected.has('predict_proba') &&
        !one.name.includes('multilabel'),
    ) ?? []
  );
}

function rowsOf({ shape: [count = 0, width = 0], values }: GoldenArray): (number | null)[][] {
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const value = Number(values[row * width + column]);
      return Number.isFinite(value) ? value : null;
    }),
  );
}

interface Uploaded {
  readonly id: string;
  readonly format: string;
}

describe('scikit-learn models over HTTP', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
  });
  after(async () => await server.close());

  async function upload(name: string, bytes: Uint8Array): Promise<Response> {
    const form = new FormData();
    form.set('name', name);
    form.set('file', new Blob([new Uint8Array(bytes)]), `${name}.pkl`);
    return await server.fetch('/api/v1/models/upload', { method: 'POST', body: form });
  }

  /** The family's first model that is not refused by name; what is refused has tests of its own. */
  async function firstServed(family: string): Promise<GoldenCase & Uploaded> {
    for (const one of casesOf(family)) {
      const response = await upload(`sk-${family}`, one.bytes);
      if (response.status !== 201) continue;
      const uploaded = (await response.json()) as Uploaded;
      assert.equal(uploaded.format, 'sklearn');
      return { ...one, ...uploaded };
    }
    return assert.fail(`no model of ${family} is served`);
  }

  async function predict(
    id: string,
    inputs: unknown,
  ): Promise<{ probabilities?: Record<string, number>[]; predictions: unknown[] }> {
    const response = await server.fetch(`/api/v1/predict/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs }),
    });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as never;
  }

  for (const family of families) {
    it(`answers with scikit-learn's own probabilities: ${family}`, async () => {
      const { id, name, input, expected } = await firstServed(family);
      assert.ok(input.kind === 'matrix');
      const rows = rowsOf(input.matrix).filter((row) => !row.includes(null));
      const { probabilities = [] } = await predict(id, rows);
      const wanted = expected.get('predict_proba');
      const width = wanted?.shape[1] ?? 0;
      const kept = rowsOf(input.matrix).flatMap((row, index) =>
        row.includes(null) ? [] : [index],
      );
      assert.equal(probabilities.length, kept.length);
      for (const [row, index] of kept.entries()) {
        for (const [column, value] of Object.values(probabilities[row] ?? {}).entries()) {
          const difference = Math.abs(value - Number(wanted?.values[index * width + column]));
          assert.ok(
            difference <= tolerance,
            `${name} row ${index} column ${column}: off by ${difference}`,
          );
        }
      }
    });
  }

  it('takes rows by column name where the model was fitted on a table', async () => {
    const found = newest.cases.filter(
      (one) => one.input.kind === 'columns' && one.expected.has('predict_proba'),
    );
    let served = 0;
    for (const { name, bytes, input, expected } of found) {
      assert.ok(input.kind === 'columns');
      const response = await upload(`table-${served}`, bytes);
      if (response.status !== 201) continue;
      const { id } = (await response.json()) as Uploaded;
      const [[, first] = []] = [...input.columns];
      const count = first?.shape[0] ?? 0;
      const records = Array.from({ length: count }, (_, row) =>
        Object.fromEntries(
          [...input.columns].map(([column, { values }]) => [column, values[row] ?? null]),
        ),
      );
      const complete = records.flatMap((record, row) =>
        Object.values(record).some((value) => value === null || Number.isNaN(value)) ? [] : [row],
      );
      const { probabilities = [] } = await predict(
        id,
        complete.map((row) => records[row]),
      );
      const wanted = expected.get('predict_proba');
      const width = wanted?.shape[1] ?? 0;
      for (const [at, row] of complete.entries()) {
        for (const [column, value] of Object.values(probabilities[at] ?? {}).entries())
          assert.ok(
            Math.abs(value - Number(wanted?.values[row * width + column])) <= tolerance,
            `${name} row ${row}`,
          );
      }
      served += 1;
      if (served === 3) break;
    }
    assert.equal(served, 3, `${served} of ${found.length} table models were served`);
  });

  it('runs nothing of what it is given', async () => {
    // Protocol 0: call os.system with a text.
    const error = await assertError(
      await upload('evil', Buffer.from("cos\nsystem\n(S'touch /tmp/fovea-was-here'\ntR.")),
      422,
      'MODEL_INVALID',
    );
    assert.match(JSON.stringify(error), /os\.system/);
  });

  it('refuses what it cannot read, saying so', async () => {
    await assertError(await upload('text', Buffer.from('no pickle at all')), 422, 'MODEL_INVALID');
  });
});
