import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { call, login, ok, person, type Person } from '../support/accounts.ts';
import { startTestServer, until, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';

interface Listed {
  readonly items: readonly { readonly prediction_id: string }[];
}

describe('whose predictions are seen', { concurrency: false }, () => {
  let server: TestServer;
  let admin: Person;
  let owner: Person;
  let other: Person;
  let modelId: string;
  let predictionId: string;
  before(async () => {
    server = await startTestServer({ FOVEA_AUTH: 'required', FOVEA_WORKERS: '1' });
    admin = await person(server, 'admin@example.org');
    owner = await person(server, 'owner@example.org');
    other = await person(server, 'other@example.org');
    const form = new FormData();
    form.set('name', 'iris');
    form.set('file', new Blob([linearClassifier()]), 'iris.onnx');
    const uploaded = await server.fetch('/api/v1/models/upload', {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.token}` },
      body: form,
    });
    modelId = ((await uploaded.json()) as { id: string }).id;
    ({ prediction_id: predictionId } = await ok<{ prediction_id: string }>(
      server,
      `POST /api/v1/predict/${modelId}`,
      { body: { inputs: [[5.1, 3.5, 1.4, 0.2]] }, token: owner.token },
    ));
    await until(
      'the record',
      async () => (await call(server, one(), { token: owner.token })).status === 200,
    );
  });
  after(async () => await server.close());

  const one = (): string => `/api/v1/predictions/${predictionId}`;
  const requestsSeen = async (path: string, { token }: Person): Promise<number> =>
    (await ok<{ totals: { requests: number } }>(server, path, { token })).totals.requests;

  it('an administrator sees everybody’s, one by one and in sums', async () => {
    assert.equal((await call(server, one(), { token: admin.token })).status, 200);
    const { items } = await ok<Listed>(server, '/api/v1/predictions', { token: admin.token });
    assert.deepEqual(
      items.map((item) => item.prediction_id),
      [predictionId],
    );
    for (const path of ['overview', `models/${modelId}`])
      await until(
        `the sums of ${path}`,
        async () => (await requestsSeen(`/api/v1/analytics/${path}`, admin)) === 1,
        20_000,
      );
  });

  it('others see nothing of it: 404, empty lists, zeros of their own', async () => {
    assert.equal((await call(server, one(), { token: other.token })).code, 'PREDICTION_NOT_FOUND');
    const { items } = await ok<Listed>(server, '/api/v1/predictions', { token: other.token });
    assert.deepEqual(items, []);
    assert.equal(await requestsSeen('/api/v1/analytics/overview', other), 0);
    const path = `/api/v1/analytics/models/${modelId}`;
    assert.equal((await call(server, path, { token: other.token })).code, 'MODEL_NOT_FOUND');
  });

  it('an administrator’s key without the scope admin sees its owner’s only', async () => {
    const { key } = await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
      body: { name: 'narrow', scopes: ['predict'] },
      token: admin.token,
    });
    assert.equal((await call(server, one(), { token: key })).code, 'PREDICTION_NOT_FOUND');
    assert.equal((await call(server, one(), { headers: { 'x-api-key': key } })).status, 404);
  });

  it('logins, tokens and keys are counted', async () => {
    await assert.rejects(login(server, 'owner@example.org', 'not my password'));
    assert.equal((await call(server, one(), { token: `fov_${'x'.repeat(43)}` })).status, 401);
    assert.equal((await call(server, one(), { token: 'not.a.token' })).status, 401);
    const metrics = (await call(server, '/metrics', { token: admin.token })).text;
    const value = (series: string): number =>
      Number(
        metrics
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      );
    assert.equal(value('fovea_logins_total{outcome="ok"}'), 3);
    assert.equal(value('fovea_logins_total{outcome="failed"}'), 1);
    assert.equal(value('fovea_credential_checks_total{kind="key",outcome="ok"}'), 2);
    assert.equal(value('fovea_credential_checks_total{kind="key",outcome="refused"}'), 1);
    assert.equal(value('fovea_credential_checks_total{kind="token",outcome="refused"}'), 1);
    assert.ok(value('fovea_credential_checks_total{kind="token",outcome="ok"}') >= 8);
    assert.equal(value('fovea_credential_lookups_total{kind="key",outcome="hit"}'), 1);
  });
});
