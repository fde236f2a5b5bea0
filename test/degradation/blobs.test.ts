import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Analysis } from '../../src/protocol/analysis.ts';
import { launchS3, s3Bucket, s3Credentials, s3Store, type TestS3 } from '../support/s3.ts';
import {
  assertError,
  form,
  photo,
  startTestServer,
  until,
  type TestServer,
} from '../support/server.ts';
import { whole, withComment } from './load.ts';

describe('the image store lost', { concurrency: false }, () => {
  let s3: TestS3;
  let server: TestServer;
  before(async () => {
    s3 = await launchS3();
    server = await startTestServer({
      FOVEA_WORKERS: '1',
      S3_BUCKET: s3Bucket,
      S3_ENDPOINT: `http://127.0.0.1:${s3.port}`,
      AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
      FOVEA_IMAGE_STORE_TIMEOUT: '3s',
      FOVEA_IMAGE_SPOOL: '16MiB',
    });
  });
  after(async () => {
    await server.close();
    await s3.close();
  });

  const fetched = async (path: string, init?: RequestInit): Promise<Response> =>
    await whole(server.fetch(path, init));
  let serial = 0;
  const validate = async (): Promise<Response> => {
    const bytes = withComment(await photo('chelsea.png'), serial++);
    return await fetched('/api/validate/image', { method: 'POST', body: form(bytes) });
  };
  const keep = async (): Promise<string> => {
    const response = await validate();
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return (JSON.parse(text) as { image_id: string }).image_id;
  };
  const content = async (id: string): Promise<Response> =>
    await fetched(`/api/v1/images/${id}/content`);
  const analyze = async (id: string, anew = false): Promise<Response> =>
    await fetched('/api/analyze/by-id', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ image_id: id, wipe_cache: anew }),
    });
  const degraded = async (): Promise<string | null> =>
    (await fetched('/health/live')).headers.get('fovea-degraded');
  const remove = async (id: string): Promise<Response> =>
    await fetched(`/api/v1/images/${id}`, { method: 'DELETE' });
  const waiting = async (): Promise<number> => {
    const metrics = await (await fetched('/metrics')).text();
    return Number(/^fovea_image_spool_changes (\d+)/m.exec(metrics)?.[1]);
  };

  it('stopped in the middle of a load: new images are kept and readable, nothing is lost', async () => {
    const old = await keep();
    const oldToDelete = await keep();
    const [analysed, analysedToDelete] = [await keep(), await keep()];
    for (const id of [analysed, analysedToDelete]) assert.equal((await analyze(id)).status, 200);
    const kept: string[] = [];
    const ended = new AbortController();
    const load = Array.from({ length: 2 }, async () => {
      while (!ended.signal.aborted && kept.length < 60) kept.push(await keep());
    });
    await until('some kept', () => kept.length > 5);
    await s3.stop();
    await until('the loss', async () => (await degraded()) === 'blobs');
    const atLoss = kept.length;
    await until('more kept', () => kept.length >= atLoss + 6 || kept.length >= 60);
    ended.abort();
    await Promise.all(load);

    const fresh = kept.at(-1) ?? '';
    assert.equal((await content(fresh)).status, 200, 'a new image is read from the local disk');
    const unreadable = await content(old);
    assert.ok(Number(unreadable.headers.get('retry-after')) >= 1);
    assert.equal(unreadable.headers.get('fovea-degraded'), 'blobs');
    await assertError(unreadable, 503, 'STORAGE_UNAVAILABLE');
    assert.equal((await analyze(fresh)).status, 200, 'and analysed by its id');
    const cached = await analyze(analysed);
    assert.equal(cached.status, 200, 'an old one too, when it was analysed before');
    assert.equal(((await cached.json()) as Analysis).cached, true);
    await assertError(await analyze(old), 503, 'STORAGE_UNAVAILABLE');
    await assertError(await analyze(analysed, true), 503, 'STORAGE_UNAVAILABLE');
    assert.equal((await analyze(analysed)).status, 200, 'what cannot be made anew stays');
    assert.equal((await fetched('/health/ready')).status, 200);
    const deep = (await (await fetched('/health/deep')).json()) as {
      checks: { storage: { ok: boolean; breaker: string }; inference: { ok: boolean } };
    };
    assert.equal(deep.checks.storage.ok, false);
    assert.notEqual(deep.checks.storage.breaker, 'closed');
    assert.equal(deep.checks.inference.ok, true);

    assert.ok((await remove(analysedToDelete)).ok);
    await assertError(await analyze(analysedToDelete), 404, 'IMAGE_NOT_FOUND');
    assert.ok((await remove(oldToDelete)).ok, 'a deletion is taken');
    await assertError(await content(oldToDelete), 404, 'IMAGE_NOT_FOUND');
    assert.ok((await waiting()) > 5);

    await s3.start();
    await until('the return', async () => (await degraded()) === null);
    await until('all to be sent', async () => (await waiting()) === 0);
    const truth = s3Store(s3.port, { prefix: 'fovea/images/' });
    try {
      for (const id of [old, ...kept]) {
        const image = (await (await fetched(`/api/v1/images/${id}`)).json()) as {
          sha256: string;
        };
        assert.equal(await truth.has(image.sha256), true, `${id} is lost`);
      }
    } finally {
      truth.close();
    }
    assert.equal((await content(old)).status, 200);
    await assertError(await content(oldToDelete), 404, 'IMAGE_NOT_FOUND');
  });

  it('when the local disk may hold no more, new images are refused with when to try again', async () => {
    await s3.stop();
    await until('the loss', async () => {
      await keep();
      return (await degraded()) === 'blobs';
    });
    let refused: Response | undefined;
    await until('the refusal', async () => {
      const response = await validate();
      if (response.status !== 200) refused = response;
      return refused !== undefined;
    });
    assert.ok(refused);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    await assertError(refused, 503, 'STORAGE_UNAVAILABLE');
    await s3.start();
    await until('all to be sent', async () => (await waiting()) === 0);
    await keep();
  });
});
