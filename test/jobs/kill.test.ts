import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { Database } from '../../src/db/database.ts';
import type { PredictionJob } from '../../src/db/prediction-jobs.ts';
import { fakePredictor } from '../support/fake-predictor.ts';
import { startJobs } from '../support/job-stack.ts';
import { temporaryDirectory, testDatabase, testSource } from '../support/postgres.ts';
import { someModel } from '../support/predictions.ts';
import { until } from '../support/server.ts';

const target = { modelId: someModel, reference: undefined, ownerId: null, seesAll: false };
const over = new Set(['done', 'failed', 'cancelled']);

/** Rows with everything that makes CSV hard, and some that fail. */
function awkwardCsv(rows: number): string {
  const line = (n: number) => {
    if (n % 97 === 0) return `${n},"a ""quoted"" line\nwith é and , in it",${n % 5}`;
    if (n % 41 === 0) return `${n},bad,1`;
    return n % 53 === 0 ? `${n},short` : `${n},plain,${n % 7}`;
  };
  return ['n,text,x', ...Array.from({ length: rows }, (_, n) => line(n))].join('\r\n');
}

test('killed five times, a job ends with the result of one that ran through', async (t) => {
  const source = await testSource(t);
  const database = new Database({ source });
  t.after(() => database.close());
  database.start();
  await database.ready(60_000);
  const content = awkwardCsv(9_000);

  const calm = await startJobs(database, await temporaryDirectory(), fakePredictor());
  t.after(() => calm.queue.stop());
  const whole = await calm.jobs.create(target, 'csv', Readable.from([Buffer.from(content)]));
  await until('the calm run', async () => over.has((await calm.jobs.find(whole.id, null)).state));
  const expected = await text((await calm.jobs.result(whole.id, null)).content);

  const directory = await temporaryDirectory();
  const queueOnly = await startJobs(database, directory, fakePredictor({ refusals: Infinity }));
  const { id } = await queueOnly.jobs.create(target, 'csv', Readable.from([Buffer.from(content)]));
  await queueOnly.queue.stop();

  const connection = JSON.stringify(await source.start(AbortSignal.timeout(1_000)));
  const { jobs } = queueOnly;
  const progress: number[] = [];
  for (const moreRows of [1, 700, 1_500, 300, 2_000, Infinity]) {
    const before = (await jobs.find(id, null)).rowsDone;
    const child = fork(new URL('fixtures/job-server.ts', import.meta.url), [directory, connection]);
    t.after(() => child.kill('SIGKILL'));
    await until('progress', async () => {
      const { state, rowsDone } = await jobs.find(id, null);
      return over.has(state) || rowsDone >= before + moreRows;
    });
    child.kill('SIGKILL');
    await once(child, 'close');
    progress.push((await jobs.find(id, null)).rowsDone);
  }
  const { job, content: result } = await jobs.result(id, null);
  t.diagnostic(`rows done at each kill: ${progress.join(', ')}; attempts: ${job.attempt}`);
  assert.equal(job.state, 'done');
  assert.ok(job.attempt >= 6);
  assert.equal(await text(result), expected);
  const { rowsDone, rowsFailed, rowsTotal } = job;
  const calmJob = await calm.jobs.find(whole.id, null);
  assert.deepEqual([rowsDone, rowsTotal, rowsFailed], [9_000, 9_000, calmJob.rowsFailed]);
});

test('two servers on one database and folder share the jobs and run none twice', async (t) => {
  const source = await testSource(t);
  const directory = await temporaryDirectory();
  const calls = [0, 0];
  const stacks = [];
  for (const [index] of calls.entries()) {
    const database = new Database({ source });
    t.after(() => database.close());
    database.start();
    await database.ready(60_000);
    const onCall = () => void calls.splice(index, 1, (calls[index] ?? 0) + 1);
    const predictor = fakePredictor({ delayMs: 15, onCall });
    const started = await startJobs(database, directory, predictor, { concurrency: 2 });
    t.after(() => started.queue.stop());
    stacks.push(started);
  }
  const [first, second] = stacks;
  assert.ok(first && second);
  assert.equal(first.files.storageId, second.files.storageId);
  const content = `a\n${Array.from({ length: 640 }, (_, n) => `${n}\n`).join('')}`;
  const made = await Promise.all(
    Array.from({ length: 16 }, (_, n) =>
      (n % 2 ? first : second).jobs.create(target, 'csv', Readable.from([Buffer.from(content)])),
    ),
  );
  for (const { id } of made) {
    await until('every job', async () => over.has((await first.jobs.find(id, null)).state));
    const job: PredictionJob = await second.jobs.find(id, null);
    assert.deepEqual([job.state, job.attempt, job.rowsDone], ['done', 1, 640]);
  }
  t.diagnostic(`chunks by server: ${calls.join(', ')}`);
  assert.equal((calls[0] ?? 0) + (calls[1] ?? 0), 160, 'ten chunks per job, each predicted once');
  assert.ok((calls[0] ?? 0) > 0 && (calls[1] ?? 0) > 0);
  assert.deepEqual([...first.errors, ...second.errors], []);
});

test('an attempt that was overtaken can neither write nor finish', async (t) => {
  const database = await testDatabase(t);
  const predictor = fakePredictor({ refusals: Infinity });
  const { jobs, table, queue } = await startJobs(database, await temporaryDirectory(), predictor);
  const { id } = await jobs.create(target, 'csv', Readable.from([Buffer.from('a\n1\n')]));
  await queue.stop();
  const old = await table.claim(id);
  const current = await table.claim(id);
  assert.ok(old && current && current.attempt === old.attempt + 1);
  const at = { inputOffset: 4, partBytes: 9, rowsDone: 1, rowsFailed: 0, runningMs: 1 };
  assert.equal(await table.checkpoint(id, old.attempt, at), false);
  await table.finish(id, old.attempt, 'done', null);
  assert.equal((await jobs.find(id, null)).state, 'running');
  assert.equal(await table.checkpoint(id, current.attempt, at), true);
});
