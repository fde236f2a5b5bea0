import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertError, startTestServer, until, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { getJson, predictRows, uploadModel } from '../support/user-models.ts';
import type { ShownJob } from '../../src/protocol/job.ts';
import type { ModelAnalytics } from '../../src/protocol/analytics.ts';
import type { LoggedPrediction } from '../../src/protocol/logged-prediction.ts';

const features = ['a', 'b', 'c', 'd'];
const csv = 'text/csv; charset=utf-8';

describe('predictions that are logged, batch jobs, analytics', { concurrency: false }, () => {
  let server: TestServer;
  let id: string;
  before(async () => {
    server = await startTestServer({ FOVEA_MAX_JOB_BYTES: '200KB' });
    const metadata = JSON.stringify({ features });
    ({ id } = await uploadModel(server, 'iris', linearClassifier(), { metadata }));
  });
  after(async () => await server.close());

  const send = async (
    body: NonNullable<RequestInit['body']>,
    type?: string,
    query = '',
  ): Promise<Response> =>
    await server.fetch(`/api/v1/predict/${id}/jobs${query}`, {
      method: 'POST',
      body,
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });
  const ended = async (response: Response): Promise<ShownJob> => {
    const text = await response.text();
    assert.equal(response.status, 202, text);
    const { job_id } = JSON.parse(text) as ShownJob;
    assert.equal(response.headers.get('location'), `/api/v1/jobs/${job_id}`);
    const look = async () => await getJson<ShownJob>(server, `/api/v1/jobs/${job_id}`);
    await until('the job', async () => !['queued', 'running'].includes((await look()).state));
    return await look();
  };

  it('writes every prediction and failure down, and shows them', async () => {
    const { prediction_id } = await predictRows(server, id, [[3, 1, 2, 0]]);
    const refused = await server.fetch(`/api/v1/predict/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [[1, 2]] }),
    });
    await assertError(refused, 422, 'PREDICT_INPUT_INVALID');
    const path = `/api/v1/predictions/${prediction_id}`;
    await until('the record', async () => (await server.fetch(path)).status === 200);
    const found = await getJson<LoggedPrediction>(server, path);
    assert.deepEqual(found.inputs, [[3, 1, 2, 0]]);
    assert.deepEqual(found.features, features);
    assert.deepEqual(found.outputs, ['setosa']);
    assert.ok(found.ok && found.model_id === id && found.latency_ms.total > 0);
    const failures = `/api/v1/predictions?ok=false&model_id=${id}`;
    await until('the failure', async () => {
      const { items } = await getJson<{ items: LoggedPrediction[] }>(server, failures);
      return items[0]?.error_code === 'PREDICT_INPUT_INVALID';
    });
    await until('the sums', async () => {
      const shown = await getJson<ModelAnalytics>(
        server,
        `/api/v1/analytics/models/${id}?window=1h`,
      );
      return shown.totals.requests >= 2 && shown.totals.errors >= 1;
    });
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(metrics, /fovea_prediction_log_records_total\{outcome="recorded"\} [2-9]/);
    assert.match(metrics, /fovea_prediction_log_records_total\{outcome="dropped"\} 0/);
  });

  it('predicts a CSV file row by row: columns by name, others carried along, mistakes by row', async () => {
    const job = await ended(
      await send(
        'name,d,c,b,a\nfirst,0,2,1,3\nsecond,9,5,0,0\nthird,x,1,1,1\nfourth,,1,1,1\n',
        csv,
      ),
    );
    assert.deepEqual(job.rows, { total: 4, done: 4, failed: 2 });
    assert.equal(job.version, 1);
    const result = await server.fetch(`/api/v1/jobs/${job.job_id}/result`);
    assert.equal(result.headers.get('content-type'), csv);
    const lines = (await result.text()).trim().split('\n');
    assert.equal(lines[0], 'name,d,c,b,a,prediction,confidence,probabilities,error');
    assert.match(lines[1] ?? '', /^first,0,2,1,3,setosa,0\.\d+,"\{/);
    assert.match(lines[2] ?? '', /^second,9,5,0,0,virginica,0\.\d+,"\{/);
    assert.match(lines[3] ?? '', /^third,x,1,1,1,,,,"?PREDICT_INPUT_INVALID: .*d.*"?$/);
    assert.match(lines[4] ?? '', /^fourth,,1,1,1,,,,"?PREDICT_INPUT_INVALID: /);
  });

  it('takes NDJSON in a form, with records and lists', async () => {
    const form = new FormData();
    form.set(
      'file',
      new Blob(['{"a":3,"b":1,"c":2,"d":0,"note":"x"}\n[0,0,5,9]\n{"a":1}\n']),
      'rows.ndjson',
    );
    const job = await ended(await send(form));
    const text = await (await server.fetch(`/api/v1/jobs/${job.job_id}/result`)).text();
    const rows = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual([rows[0]?.['prediction'], rows[0]?.['note']], ['setosa', 'x']);
    assert.deepEqual([rows[1]?.['prediction'], rows[1]?.['input']], ['virginica', [0, 0, 5, 9]]);
    assert.match(JSON.stringify(rows[2]), /"code":"PREDICT_INPUT_INVALID"/);
    assert.equal(job.rows.failed, 1);
  });

  it('refuses what is no job, and says why', async () => {
    await assertError(await send('{}', 'application/json'), 415, 'MEDIA_TYPE_UNSUPPORTED');
    await assertError(await send('a,b\n', csv), 422, 'JOB_INPUT_INVALID');
    await assertError(await send(`a\n${'1\n'.repeat(200_000)}`, csv), 413, 'REQUEST_TOO_LARGE');
    const form = new FormData();
    form.set('file', new Blob([`a\n${'1\n'.repeat(200_000)}`]), 'big.csv');
    await assertError(await send(form), 413, 'REQUEST_TOO_LARGE');
    await assertError(await send('a\n1\n', csv, '?version=7'), 404, 'MODEL_NOT_FOUND');
    const nowhere = '0b4f9a0e-0000-4000-8000-000000000001';
    await assertError(await server.fetch(`/api/v1/jobs/${nowhere}`), 404, 'JOB_NOT_FOUND');
    const lost = await server.fetch(`/api/v1/jobs/${nowhere}/result`);
    await assertError(lost, 404, 'JOB_NOT_FOUND');
  });

  it('cancels and deletes', async () => {
    const response = await send(`a,b,c,d\n${'1,2,3,4\n'.repeat(20_000)}`, csv);
    const { job_id } = (await response.json()) as ShownJob;
    const path = `/api/v1/jobs/${job_id}`;
    const early = await server.fetch(`${path}/result`);
    if (early.status !== 200) await assertError(early, 409, 'JOB_NOT_FINISHED');
    const cancelled = await server.fetch(`${path}/cancel`, { method: 'POST' });
    assert.equal(cancelled.status, 200);
    assert.ok(['cancelled', 'done'].includes(((await cancelled.json()) as ShownJob).state));
    assert.equal((await server.fetch(path, { method: 'DELETE' })).status, 204);
    await assertError(await server.fetch(path), 404, 'JOB_NOT_FOUND');
    const { items } = await getJson<{ items: ShownJob[] }>(server, '/api/v1/jobs');
    assert.ok(items.every((item) => item.job_id !== job_id));
  });
});
