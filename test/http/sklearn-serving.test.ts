import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { importSklearn } from '../../src/import/sklearn/import-sklearn.ts';
import type { ModelVersion } from '../../src/protocol/model-version.ts';
import type { Prediction } from '../../src/protocol/prediction.ts';
import { temporaryDirectory } from '../support/postgres.ts';
import { assertError, startTestServer, until, type TestServer } from '../support/server.ts';
import { sendCase, servingCase, servingCases, type ServingCase } from '../support/serving-cases.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { getJson, predictRows, sendRows } from '../support/user-models.ts';

/** Probabilities of float64 graphs against scikit-learn's own; XGBoost counts in float32. */
const toleranceOf = (name: string) => (name.startsWith('xgboost') ? 2e-6 : 1e-9);

/** Every number of nested lists and records, in order. */
function numbers(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [Number(value)];
  return Object.values(value).flatMap(numbers);
}

function assertClose(actual: unknown, expected: unknown, tolerance: number, name: string): void {
  const [found, wanted] = [actual, expected].map(numbers);
  assert.equal(found?.length, wanted?.length, name);
  for (const [at, value] of (found ?? []).entries()) {
    const difference = Math.abs(value - (wanted?.[at] ?? Number.NaN));
    assert.ok(difference <= tolerance, `${name}: value ${at} is off by ${difference}`);
  }
}

const keysOf = (row: unknown) => Object.keys(row as object);

async function accepted(response: Response): Promise<ModelVersion> {
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()) as ModelVersion;
}

function assertAnswers(one: ServingCase, answer: Prediction): void {
  const { name, targets } = one;
  const wanted = targets
    ? one.predictions.map((row) =>
        Object.fromEntries(targets.map((target, at) => [target, (row as unknown[])[at]])),
      )
    : one.predictions.map((row) =>
        Array.isArray(row)
          ? Object.fromEntries(row.map((value: unknown, at) => [`output_${at}`, value]))
          : row,
      );
  if (name === 'several-numbers') {
    assert.deepEqual(answer.predictions.map(keysOf), wanted.map(keysOf));
    assertClose(answer.predictions, wanted, 1e-12, name);
  } else assert.deepEqual(answer.predictions, wanted, name);
  if (one.probabilities)
    assertClose(answer.probabilities, one.probabilities, toleranceOf(name), name);
  if (one.scores) assertClose(answer.scores, one.scores, toleranceOf(name), name);
}

/** The lines that a job makes of a CSV file, without the heading. */
async function jobResult(server: TestServer, id: string, body: string): Promise<string[]> {
  const headers = { 'content-type': 'text/csv' };
  const path = `/api/v1/predict/${id}/jobs`;
  const sent = await server.fetch(path, { method: 'POST', headers, body });
  const { job_id: job } = (await sent.json()) as { job_id: string };
  await until('the job', async () => {
    const { state } = await getJson<{ state: string }>(server, `/api/v1/jobs/${job}`);
    return state === 'done';
  });
  const result = await (await server.fetch(`/api/v1/jobs/${job}/result`)).text();
  return result.trim().split('\n').slice(1);
}

describe('models of scikit-learn, XGBoost and LightGBM as people keep them', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
  });
  after(async () => await server.close());

  for (const one of servingCases.filter(({ predictions }) => predictions.length > 0))
    it(`answers what the original answers, alone and together: ${one.name}`, async () => {
      const { id } = await accepted(await sendCase(server, one));
      assertAnswers(one, await predictRows(server, id, one.inputs));
      const [first, ...others] = await Promise.all(
        one.inputs.slice(0, 4).map((row) => predictRows(server, id, [row], { cache: false })),
      );
      const rows = [first, ...others].flatMap((answer) => answer?.predictions ?? []);
      const whole = await predictRows(server, id, one.inputs.slice(0, 4));
      assert.deepEqual(rows, whole.predictions);
    });

  for (const one of servingCases.filter(({ predictions }) => predictions.length > 0))
    it(`is served by the file that it was converted to as by its own: ${one.name}`, async () => {
      const own = await accepted(await sendCase(server, one, { name: 'as-it-is' }));
      const { onnx } = importSklearn(
        one.files.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes, 'base64') })),
      );
      const files = [{ name: 'converted.onnx', bytes: Buffer.from(onnx).toString('base64') }];
      const sent = await sendCase(server, { ...one, files }, { name: 'converted' });
      const { id, signature, report } = await accepted(sent);
      assert.deepEqual(signature, own.signature);
      assert.equal(report['sklearn_version'], own.report['sklearn_version']);
      assertAnswers(one, await predictRows(server, id, one.inputs));
    });

  it('keeps what texts need with the version, also over a restart', async () => {
    const one = servingCase('text-bundle');
    const directory = await temporaryDirectory();
    const settings = { FOVEA_WORKERS: '1', FOVEA_DATA_DIR: directory };
    const first = await startTestServer(settings);
    let id = '';
    try {
      ({ id } = await accepted(await sendCase(first, one)));
    } finally {
      await first.close();
    }
    const files = await readdir(join(directory, 'models/open', one.name, 'v1'));
    assert.ok(files.includes('.served.steps.json'));
    const second = await startTestServer(settings);
    try {
      assertAnswers(one, await predictRows(second, id, one.inputs));
    } finally {
      await second.close();
    }
  });

  it('names row and column of what a model was not fitted on', async () => {
    const one = servingCase('categories');
    const { id } = await accepted(await sendCase(server, one, { name: 'known' }));
    const [row] = one.inputs as Record<string, unknown>[];
    const error = await assertError(
      await sendRows(server, id, [row, { ...row, deck: 'Z', sex: null }, { ...row, fare: null }]),
      422,
      'PREDICT_INPUT_INVALID',
    );
    const { mistakes } = error.details as {
      mistakes: { row: number; column: string; message: string }[];
    };
    assert.deepEqual(mistakes.map(({ row: at, column }) => `${at} ${column}`).toSorted(), [
      '1 deck',
      '1 sex',
      '2 fare',
    ]);
    const deck = mistakes.find(({ column }) => column === 'deck');
    assert.match(deck?.message ?? '', /"Z".*it knows "A", "B",.* and 10 more/);
  });

  it('takes true and false for the categories 1 and 0, and nothing else', async () => {
    const one = servingCase('categories');
    const { id } = await accepted(await sendCase(server, one, { name: 'truths' }));
    const [row] = one.inputs as Record<string, unknown>[];
    const ask = async (member: unknown) =>
      (await predictRows(server, id, [{ ...row, member }])).probabilities;
    assert.deepEqual(await ask(true), await ask(1));
    await assertError(
      await sendRows(server, id, [{ ...row, member: 2 }]),
      422,
      'PREDICT_INPUT_INVALID',
    );
  });

  it('reads columns of a file by their place where it has other names', async () => {
    const { inputs, files, predictions } = servingCase('unused-mixed');
    const one = { name: 'placed', inputs, files, predictions };
    const { id } = await accepted(await sendCase(server, one));
    const lines = (inputs as Record<string, unknown>[]).map(({ sex, member, deck, fare }) =>
      [sex, member, deck, fare].join(','),
    );
    const result = await jobResult(server, id, `a,b,c,d\n${lines.join('\n')}\n`);
    assert.deepEqual(
      result.map((line) => line.split(',')[4]),
      predictions,
    );
  });

  it('gives scores for the rows of a file, where a model has no probabilities', async () => {
    const one = servingCase('scores');
    const { id } = await accepted(await sendCase(server, one, { name: 'scored' }));
    const rows = one.inputs as number[][];
    const text = await jobResult(
      server,
      id,
      `a,b,c,d\n${rows.map((row) => row.join(',')).join('\n')}\n`,
    );
    const cells = text.map((line) => /^(?:[^,]*,){4}([^,]*),,,"(\[.*\])",$/.exec(line));
    assert.deepEqual(
      cells.map((found) => found?.[1]),
      one.predictions,
    );
    const scores = cells.map((found) => JSON.parse(found?.[2] ?? 'null') as unknown);
    assertClose(scores, one.scores, 1e-9, one.name);
  });

  it('reads files of rows as pandas writes them', async () => {
    const one = servingCase('categories');
    const { id } = await accepted(await sendCase(server, one, { name: 'filed' }));
    const rows = one.inputs as Record<string, unknown>[];
    const lines = rows.map(({ sex, member, deck, fare }) =>
      [sex, member === true ? 'True' : 'False', deck, fare].join(','),
    );
    lines.push('female,True,,3');
    const answers = await jobResult(server, id, `sex,member,deck,fare\n${lines.join('\n')}\n`);
    assert.deepEqual(
      answers.slice(0, -1).map((line) => line.split(',')[4]),
      one.predictions,
    );
    assert.match(answers.at(-1) ?? '', /PREDICT_INPUT_INVALID|not fitted on|deck/);
  });

  it('says what a model takes, what it was made with and what each file is for', async () => {
    const table = await accepted(
      await sendCase(server, servingCase('categories'), { name: 'told' }),
    );
    assert.equal(table.format, 'sklearn');
    assert.equal(table.report['sklearn_version'], '1.5.2');
    const { columns = [], classes } = table.signature;
    assert.deepEqual(classes, ['no', 'yes']);
    assert.deepEqual(columns.slice(0, 3), [
      { name: 'sex', type: 'category', nullable: false, values: ['female', 'male'] },
      { name: 'member', type: 'category', nullable: false, values: [0, 1] },
      {
        name: 'deck',
        type: 'category',
        nullable: false,
        values: 'ABCDEFGHIJKLMNOPQRST'.split(''),
      },
    ]);
    assert.deepEqual(columns[3], { name: 'fare', type: 'number', nullable: false });
    assert.deepEqual(await getJson(server, `/api/v1/models/${table.id}`), table);

    const bundle = await accepted(
      await sendCase(server, servingCase('two-scalers'), { name: 'told-bundle' }),
    );
    assert.deepEqual(
      (bundle.report['files'] as { file: string; role: string }[]).map(({ file, role }) => [
        file,
        role,
      ]),
      [
        ['1-standard.pkl', 'transformer'],
        ['2-minmax.pkl', 'transformer'],
        ['3-pca.pkl', 'transformer'],
        ['model.pkl', 'model'],
      ],
    );
    const mail = await accepted(
      await sendCase(server, servingCase('text-column'), { name: 'told-mail' }),
    );
    assert.deepEqual(
      mail.signature.columns?.map(({ name, type }) => [name, type]),
      [
        ['subject', 'text'],
        ['length', 'number'],
        ['folder', 'category'],
      ],
    );
  });

  it('takes columns that no step reads, whatever is in them, and says which they are', async () => {
    const one = servingCase('unused-numbers');
    const { id, signature } = await accepted(await sendCase(server, one, { name: 'half' }));
    assert.deepEqual(signature.unused, [
      { name: 'id', at: 0 },
      { name: 'note', at: 3 },
    ]);
    assert.deepEqual(signature.inputs[0]?.features, ['age', 'vip', 'fare']);
    const [row] = one.inputs as Record<string, unknown>[];
    const { id: _id, note: _note, ...used } = row ?? {};
    const whole = await predictRows(server, id, [{ ...row, id: { any: ['thing'] }, note: 7 }]);
    assert.deepEqual((await predictRows(server, id, [used])).probabilities, whole.probabilities);
    const listed = await predictRows(server, id, [[null, row?.['age'], true, 'x', row?.['fare']]]);
    assert.deepEqual(
      listed.probabilities,
      (await predictRows(server, id, [{ ...row, vip: 1 }])).probabilities,
    );
    const short = await assertError(
      await sendRows(server, id, [[1, 2, 3]]),
      422,
      'PREDICT_INPUT_INVALID',
    );
    assert.match(short.message, /it has 3 values; 5 are needed/);
    await assertError(
      await sendRows(server, id, [{ ...row, unheard: 1 }]),
      422,
      'PREDICT_INPUT_INVALID',
    );
  });

  it('says which column has more known values than can be checked', async () => {
    const one = servingCase('many-categories');
    const error = await assertError(await sendCase(server, one), 422, 'MODEL_INVALID');
    assert.match(error.message, /the column "code" \(30000 values\).*use_encoded_value/);
  });

  it('tells formats by content, whatever the file is called', async () => {
    for (const [name, format] of [
      ['xgboost.ubj', 'xgboost'],
      ['lightgbm.txt', 'lightgbm'],
      ['svc', 'sklearn'],
    ] as const) {
      const one = servingCase(name);
      const files = one.files.map(({ bytes }) => ({ name: 'download', bytes }));
      const sent = await sendCase(server, { ...one, files, name: 'unnamed' });
      assert.equal((await accepted(sent)).format, format);
    }
    const onnx = linearClassifier().toString('base64');
    const files = [{ name: 'model.bin', bytes: onnx }];
    const sent = await sendCase(server, { ...servingCase('svc'), files, name: 'unnamed-onnx' });
    assert.equal((await accepted(sent)).format, 'onnx');
  });

  it('says how to name files whose order it cannot tell', async () => {
    const one = servingCase('two-scalers');
    const files = one.files.map(({ name, bytes }) => ({ name: name.replace(/^\d-/, ''), bytes }));
    const error = await assertError(
      await sendCase(server, { ...one, files }),
      422,
      'MODEL_INVALID',
    );
    assert.match(error.message, /minmax\.pkl.*standard\.pkl|standard\.pkl.*minmax\.pkl/);
    assert.match(error.message, /1-scaler\.pkl, 2-pca\.pkl/);
  });

  it('refuses names of targets that do not fit', async () => {
    const one = { ...servingCase('multi-output'), targets: ['one', 'two', 'three'] };
    const error = await assertError(await sendCase(server, one), 422, 'MODEL_INVALID');
    assert.match(error.message, /2 answers per row.*`targets` has 3 different names/);
  });
});

describe('samples at upload', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
  });
  after(async () => await server.close());

  const samplesOf = ({ inputs, predictions, probabilities }: ServingCase) => ({
    inputs,
    predictions,
    ...(probabilities ? { probabilities } : {}),
  });

  for (const one of servingCases.filter(({ predictions }) => predictions.length > 0))
    it(`are answered before the model is accepted: ${one.name}`, async () => {
      const sent = await sendCase(server, one, { samples: samplesOf(one) });
      const model = await accepted(sent);
      const parity = model.report['parity'] as {
        rows: number;
        tolerance: number;
        max_difference: number;
      };
      assert.equal(parity.rows, one.inputs.length);
      assert.ok(parity.max_difference <= toleranceOf(one.name), `${parity.max_difference}`);
      assert.ok(parity.tolerance >= parity.max_difference);
      const kept = await getJson<ModelVersion>(server, `/api/v1/models/${model.id}`);
      assert.deepEqual(kept.report['parity'], parity);
    });

  it('refuse a model that answers otherwise, with the worst row', async () => {
    const one = servingCase('svc');
    const probabilities = structuredClone(one.probabilities) as number[][];
    const third = probabilities[3];
    assert.ok(third);
    third[1] = (third[1] ?? 0) + 0.25;
    const error = await assertError(
      await sendCase(server, one, {
        name: 'wrong',
        samples: { inputs: one.inputs, probabilities },
      }),
      422,
      'MODEL_DIFFERS',
    );
    assert.match(error.message, /Row 3 of the samples: probabilities\[1\]/);
    const { parity } = error.details as {
      parity: { worst: { row: number; difference: number }; max_difference: number };
    };
    assert.equal(parity.worst.row, 3);
    assert.ok(Math.abs(parity.max_difference - 0.25) < 1e-9);
    // A refused model takes no number.
    const next = await accepted(await sendCase(server, one, { name: 'wrong' }));
    assert.equal(next.version, 1);
  });

  it('compare labels as they are, not as numbers that are nearly the same', async () => {
    const one = servingCase('xgboost.json');
    const predictions = one.predictions.map((label, row) => (row === 2 ? 2 : label));
    const error = await assertError(
      await sendCase(server, one, { samples: { inputs: one.inputs, predictions, tolerance: 1 } }),
      422,
      'MODEL_DIFFERS',
    );
    assert.match(error.message, /Row 2 of the samples: predictions should be 2 and is 0/);
  });

  it('prove ONNX models, too', async () => {
    const files = [{ name: 'iris.onnx', bytes: linearClassifier().toString('base64') }];
    const one = { ...servingCase('svc'), name: 'onnx-samples', files };
    const inputs = [[3, 1, 2, 0]];
    const total = Math.exp(3) + Math.exp(1) + Math.exp(2);
    const probabilities = [[3, 1, 2].map((x) => Math.exp(x) / total)];
    const good = { inputs, predictions: ['setosa'], probabilities };
    const { report } = await accepted(await sendCase(server, one, { samples: good }));
    assert.equal((report['parity'] as { tolerance: number }).tolerance, 1e-4);
    const bad = { inputs, predictions: ['virginica'] };
    await assertError(await sendCase(server, one, { samples: bad }), 422, 'MODEL_DIFFERS');
  });

  it('are refused when they fit neither the schema nor the model', async () => {
    const one = servingCase('svc');
    await assertError(
      await sendCase(server, one, { samples: { inputs: one.inputs } }),
      400,
      'REQUEST_INVALID',
    );
    const short = { inputs: [[1, 2]], predictions: ['setosa'] };
    const error = await assertError(
      await sendCase(server, one, { samples: short }),
      422,
      'MODEL_INVALID',
    );
    assert.match(error.message, /samples do not fit the model.*row 0: it has 2 values; 4 are/);
  });
});
