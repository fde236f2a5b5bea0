import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type TestContext } from 'node:test';
import type { ShownJob } from '../../src/protocol/job.ts';
import { temporaryDirectory } from '../support/postgres.ts';
import { until } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';

const entry = new URL('../../bin/fovea.js', import.meta.url).pathname;

/** The whole program as a process of its own, with its own database, on a folder that outlives it. */
async function serve(
  t: TestContext,
  directory: string,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [entry, 'serve'], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      FOVEA_DATA_DIR: join(directory, 'data'),
      FOVEA_MODELS_DIR: join(directory, 'models'),
      LOG_LEVEL: 'silent',
      FOVEA_WORKERS: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (url !== undefined) return { child, url };
  }
  throw new Error('the server ended before it said where it listens');
}

const json = async <T>(response: Promise<Response>): Promise<T> =>
  (await (await response).json()) as T;

test('a server killed in the middle of a job goes on with it: the result is the same', async (t) => {
  const directory = await temporaryDirectory();
  const rows = 16_000;
  const content = [
    'n,a,b,c,d',
    ...Array.from(
      { length: rows },
      (_, n) => `${n},${n % 7},${n % 5},${n % 3},${n % 101 ? 1 : 'x'}`,
    ),
  ].join('\n');
  let { child, url } = await serve(t, directory);
  const form = new FormData();
  form.set('file', new Blob([linearClassifier()]), 'model.onnx');
  form.set('name', 'iris');
  form.set('metadata', JSON.stringify({ features: ['a', 'b', 'c', 'd'] }));
  const up = async () =>
    ((await fetch(`${url}/api/v1/jobs`).catch(() => undefined))?.status ?? 0) === 200;
  await until('the database', up, 60_000);
  const upload = fetch(`${url}/api/v1/models/upload`, { method: 'POST', body: form });
  const { id } = await json<{ id: string }>(upload);
  const submit = async (): Promise<string> => {
    const headers = { 'content-type': 'text/csv' };
    const sent = fetch(`${url}/api/v1/predict/${id}/jobs`, {
      method: 'POST',
      body: content,
      headers,
    });
    return (await json<ShownJob>(sent)).job_id;
  };
  const look = async (job: string) => await json<ShownJob>(fetch(`${url}/api/v1/jobs/${job}`));
  const job = await submit();
  const seen: number[] = [];
  for (const part of [0.15, 0.5]) {
    await until('progress', async () => (await look(job)).rows.done > rows * part, 60_000);
    seen.push((await look(job)).rows.done);
    child.kill('SIGKILL');
    await once(child, 'close');
    ({ child, url } = await serve(t, directory));
    await until('the database', up, 60_000);
  }
  await until('the end', async () => (await look(job)).state === 'done', 90_000);
  const whole = await submit();
  await until('the run without a kill', async () => (await look(whole)).state === 'done', 90_000);
  const [interrupted, calm] = await Promise.all(
    [job, whole].map(
      async (each) => await (await fetch(`${url}/api/v1/jobs/${each}/result`)).text(),
    ),
  );
  t.diagnostic(`killed at ${seen.join(', ')} rows of ${rows}`);
  assert.ok(seen.every((done) => done < rows));
  assert.equal(interrupted?.split('\n').length, rows + 2);
  assert.equal(interrupted, calm);
  child.kill('SIGTERM');
  await once(child, 'close');
});
