import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { login, register } from '../support/accounts.ts';
import { assertError, startTestServer, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { predictRows, sendModel, uploadModel } from '../support/user-models.ts';

const nul = 'a\0b';
const half = 'a\ud800b';
/** Beyond what recursion comes back from. */
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

const records: readonly (readonly [string, string])[] = [
  ['a NUL', '{"a":"\\u0000"}'],
  ['a NUL in a name', '{"a":{"\\u0000":1}}'],
  ['half a pair', '{"a":["\\udfff"]}'],
  ['great depth', `{"a":${deep}}`],
];

describe('values that cannot be kept', () => {
  let server: TestServer;
  let id = '';
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
    ({ id } = await uploadModel(server, 'kept', linearClassifier()));
  });
  after(async () => await server.close());

  const send = async (method: string, path: string, body: string, headers = {}) =>
    await server.fetch(`/api/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const refused = async (answer: Response): Promise<void> => {
    const { message } = await assertError(answer, 400, 'REQUEST_INVALID');
    assert.match(message, /NUL characters or half surrogate pairs|nested more than 32 deep/);
  };

  for (const [what, metadata] of records)
    it(`are refused in metadata of models and sessions: ${what}`, async () => {
      await refused(await sendModel(server, 'lost', linearClassifier(), { metadata }));
      await refused(await send('PATCH', `models/${id}`, `{"metadata":${metadata}}`));
      await refused(await send('POST', 'sessions', `{"metadata":${metadata}}`));
    });

  it('are refused in samples that are too deep', async () => {
    const samples = `{"inputs":[[1,2,3,4]],"predictions":[${deep}]}`;
    await refused(await sendModel(server, 'lost', linearClassifier(), { samples }));
  });

  it('are refused in texts', async () => {
    await register(server, 'first@example.org');
    const { access_token: token } = await login(server, 'first@example.org');
    const headers = { authorization: `Bearer ${token}` };
    for (const text of [nul, half]) {
      const key = JSON.stringify({ name: text, scopes: ['predict'] });
      await refused(await send('POST', 'api-keys', key, headers));
      await refused(await send('PATCH', `models/${id}`, JSON.stringify({ description: text })));
    }
    await refused(await sendModel(server, 'lost', linearClassifier(), { description: nul }));
    await refused(await server.fetch('/api/v1/models?name=%00'));
    await refused(await server.fetch('/api/v1/audit-log?target=%00'));
    await refused(await server.fetch('/api/v1/audit-log?action=%00'));
  });

  it('take a written backslash for what it is', async () => {
    const metadata = '{"path":"C:\\\\u0000"}';
    const { metadata: kept } = await uploadModel(server, 'windows', linearClassifier(), {
      metadata,
    });
    assert.deepEqual(kept, { path: 'C:\\u0000' });
  });

  it('cost nobody else anything', async () => {
    const { predictions } = await predictRows(server, id, [[3, 1, 2, 0]]);
    assert.deepEqual(predictions, ['setosa']);
  });
});
