import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertError, form, photo, startTestServer, type TestServer } from '../support/server.ts';
import { whole, withComment } from './load.ts';

describe('more than the server can do', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1', FOVEA_QUEUE_LIMIT: '12' });
  });
  after(async () => await server.close());

  it('answers what it admits, and refuses the rest at once with when to try again', async () => {
    const image = await photo('coffee.png');
    const timed = Array.from({ length: 40 }, async (_, index) => {
      const started = performance.now();
      const body = form(withComment(image, index));
      const response = await whole(server.fetch('/api/analyze/image', { method: 'POST', body }));
      return { response, ms: performance.now() - started };
    });
    const answers = await Promise.all(timed);
    const admitted = answers.filter(({ response }) => response.status === 200);
    const refused = answers.filter(({ response }) => response.status !== 200);
    assert.ok(admitted.length >= 4, `${admitted.length} admitted`);
    assert.ok(refused.length >= 5, `${refused.length} refused`); // a busy machine hands the requests in slowly
    for (const { response } of refused) {
      assert.ok(Number(response.headers.get('retry-after')) >= 1);
      await assertError(response, 503, 'QUEUE_FULL');
    }
    const slowestRefusal = Math.max(...refused.map(({ ms }) => ms));
    const slowestAnswer = Math.max(...admitted.map(({ ms }) => ms));
    assert.ok(slowestRefusal < slowestAnswer, `${slowestRefusal} ms against ${slowestAnswer} ms`);
    const ready = await whole(server.fetch('/health/ready'));
    assert.equal(ready.status, 200, await ready.text());
  });
});
