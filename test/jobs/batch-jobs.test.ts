import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test, { type TestContext } from 'node:test';
import type { Database } from '../../src/db/database.ts';
import type { JobFormat } from '../../src/db/prediction-jobs.ts';
import { FoveaError } from '../../src/errors.ts';
import type { BatchJobs } from '../../src/jobs/batch-jobs.ts';
import { fakePredictor, type FakePredictorOptions } from '../support/fake-predictor.ts';
import { startJobs } from '../support/job-stack.ts';
import { everyServer, temporaryDirectory, testDatabase } from '../support/postgres.ts';
import { someModel } from '../support/predictions.ts';
import { until } from '../support/server.ts';

const target = { modelId: someModel, reference: undefined, ownerId: null, seesAll: false };

async function stack(t: TestContext, options: FakePredictorOptions = {}, database?: Database) {
  const started = await startJobs(
    database ?? (await testDatabase(t)),
    await temporaryDirectory(),
    fakePredictor(options),
  );
  t.after(() => started.queue.stop());
  return started;
}

async function run(jobs: BatchJobs, format: JobFormat, content: string) {
  const { id } = await jobs.create(target, format, Readable.from([Buffer.from(content)]));
  await until('the job', async () => {
    const { state } = await jobs.find(id, null);
    return state !== 'queued' && state !== 'running';
  });
  const { job, content: result } = await jobs.result(id, null);
  return { job, result: await text(result) };
}

test('CSV comes back with the prediction beside each row, and bad rows as rows', async (t) => {
  for (const server of await everyServer(t)) {
    await t.test(server.name, async (t) => {
      const { jobs, errors } = await stack(t, {}, await testDatabase(t, server));
      const { job, result } = await run(
        jobs,
        'csv',
        '\uFEFFname,a,b\r\n"Ann ""A""\nLee",1,2\r\n\r\nBo,bad,1\r\nCy,1\r\nDé,10,20.5',
      );
      assert.equal(job.error, null);
      assert.equal(
        result,
        [
          'name,a,b,prediction,confidence,probabilities,error\n',
          '"Ann ""A""\nLee",1,2,3,0.5,,\n',
          'Bo,bad,1,,,,"REQUEST_INVALID: The value is ""bad"", a number is needed."\n',
          'Cy,1,,,,,JOB_INPUT_INVALID: The row has 2 columns; the heading has 3.\n',
          'Dé,10,20.5,30.5,0.5,,\n',
        ].join(''),
      );
      const { state, version, rowsTotal, rowsDone, rowsFailed } = job;
      assert.deepEqual(
        { state, version, rowsTotal, rowsDone, rowsFailed },
        { state: 'done', version: 3, rowsTotal: 4, rowsDone: 4, rowsFailed: 2 },
      );
      assert.deepEqual(errors, []);
    });
  }
});

test('NDJSON comes back as NDJSON, whatever its lines are', async (t) => {
  const { jobs } = await stack(t);
  const { job, result } = await run(
    jobs,
    'ndjson',
    '{"a":1,"prediction":2}\n\n[1,2]\nno json\n{"a":"bad"}',
  );
  const rows = result
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  assert.deepEqual(rows, [
    { a: 1, prediction: 2, fovea_prediction: 3, confidence: 0.5 },
    { input: [1, 2], prediction: 3, confidence: 0.5 },
    { input: 'no json', error: { code: 'JOB_INPUT_INVALID', message: 'The line is not JSON.' } },
    {
      a: 'bad',
      error: { code: 'REQUEST_INVALID', message: 'The value is "bad", a number is needed.' },
    },
  ]);
  assert.deepEqual([job.rowsTotal, job.rowsDone, job.rowsFailed], [4, 4, 2]);
});

test('a file that is no CSV fails the job with its reason; an empty one is refused', async (t) => {
  const { jobs } = await stack(t);
  const { job } = await run(jobs, 'csv', 'a,b\n1,2\n3,"never closed\n4,5\n');
  assert.equal(job.state, 'failed');
  assert.equal(job.error?.code, 'JOB_INPUT_INVALID');
  assert.match(job.error.message, /line/i);
  const refused = jobs.create(target, 'csv', Readable.from([Buffer.from('a,b\n')]));
  await assert.rejects(
    refused,
    (error) => error instanceof FoveaError && error.code === 'JOB_INPUT_INVALID',
  );
});

test('a full queue is waited for', async (t) => {
  const { jobs } = await stack(t, { refusals: 5 });
  const { job } = await run(jobs, 'csv', 'a\n1\n2\n');
  assert.deepEqual([job.state, job.rowsFailed], ['done', 0]);
});

test('cancelling ends a run within a second and keeps what is done', async (t) => {
  const { jobs, files } = await stack(t, { delayMs: 20 });
  const rows = Array.from({ length: 20_000 }, (_, n) => `${n}\n`).join('');
  const { id } = await jobs.create(target, 'csv', Readable.from([Buffer.from(`a\n${rows}`)]));
  await until('progress', async () => (await jobs.find(id, null)).rowsDone > 100);
  await assert.rejects(jobs.result(id, null), /is running/);
  assert.equal((await jobs.cancel(id, null)).state, 'cancelled');
  const { job, content } = await jobs.result(id, null);
  const lines = (await text(content)).trim().split('\n');
  assert.equal(lines.length, job.rowsDone + 1);
  assert.equal(lines.at(-1)?.split(',')[0], String(job.rowsDone - 1));
  const again = await run(jobs, 'csv', 'a\n1\n'); // the only slot is free again
  assert.equal(again.job.state, 'done');
  assert.equal((await jobs.find(id, null)).rowsDone, job.rowsDone);
  await jobs.remove(id, null);
  assert.ok(!existsSync(files.inputOf(id)));
  await assert.rejects(jobs.find(id, null), /no batch job/);
});

test('jobs of others are not found but by who sees all; finished ones expire', async (t) => {
  const { jobs, files } = await stack(t);
  const owner = '0b4f9a0e-0000-4000-8000-000000000001';
  const { job } = await run(jobs, 'csv', 'a\n1\n');
  await assert.rejects(jobs.find(job.id, owner), /no batch job/);
  await assert.rejects(jobs.cancel(job.id, owner), /no batch job/);
  assert.deepEqual((await jobs.list(owner, 10)).items, []);
  assert.equal((await jobs.list(null, 10)).items.length, 1);
  assert.equal((await jobs.find(job.id, undefined)).id, job.id);
  assert.equal((await jobs.list(undefined, 10)).items.length, 1);
  assert.equal(await jobs.sweep(new Date()), 0);
  assert.equal(await jobs.sweep(new Date(Date.now() + 3_700_000)), 1);
  assert.ok(!existsSync(files.inputOf(job.id)));
  assert.deepEqual((await jobs.list(null, 10)).items, []);
});

test('a stopped server leaves its job, and the next one goes on with it', async (t) => {
  const database = await testDatabase(t);
  const directory = await temporaryDirectory();
  const first = await startJobs(database, directory, fakePredictor({ delayMs: 10 }));
  const content = `a\n${Array.from({ length: 3_000 }, (_, n) => `${n}\n`).join('')}`;
  const { id } = await first.jobs.create(target, 'csv', Readable.from([Buffer.from(content)]));
  await until('progress', async () => (await first.jobs.find(id, null)).rowsDone > 100);
  await first.queue.stop();
  const left = await first.jobs.find(id, null);
  assert.equal(left.state, 'running');
  const second = await startJobs(database, directory, fakePredictor());
  t.after(() => second.queue.stop());
  await until('the job', async () => (await second.jobs.find(id, null)).state === 'done');
  const { job, content: result } = await second.jobs.result(id, null);
  assert.ok(job.attempt === 2 && job.parts.length === 2);
  const lines = (await text(result)).trim().split('\n').slice(1);
  assert.deepEqual(
    lines.map((line) => Number(line.split(',')[0])),
    Array.from({ length: 3_000 }, (_, n) => n),
  );
});
