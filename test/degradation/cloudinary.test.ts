import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startFovea } from '../cli/process.ts';
import {
  cloudinaryCertificate,
  launchCloudinary,
  type CloudinaryMood,
  type TestCloudinary,
} from '../support/cloudinary.ts';
import { assertError, form, photo, until } from '../support/server.ts';
import { whole, withComment } from './load.ts';

interface Health {
  readonly degraded: readonly string[];
  readonly checks: { readonly storage: { readonly ok: boolean; readonly breaker: string } };
}

describe('a server process whose images are in Cloudinary', { concurrency: false }, () => {
  let cloudinary: TestCloudinary;
  let folder = '';
  let process: ReturnType<typeof startFovea> | undefined;
  let origin = '';
  before(async () => {
    cloudinary = await launchCloudinary();
    folder = await mkdtemp(join(tmpdir(), 'fovea-cloudinary-'));
    await start();
  });
  after(async () => {
    process?.child.kill('SIGTERM');
    await process?.finished;
    await cloudinary.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start(): Promise<void> {
    const started = startFovea(
      ['serve'],
      {
        PORT: '0',
        FOVEA_WORKERS: '1',
        CLOUDINARY_URL: cloudinary.url,
        NODE_EXTRA_CA_CERTS: cloudinaryCertificate,
        FOVEA_IMAGE_STORE_TIMEOUT: '2s',
      },
      folder,
    );
    process = started;
    await until('the banner', () => started.stdout().includes('/health/ready'), 60_000);
    origin = /API +(http:\/\/\S+)\/api\/v1/.exec(started.stdout())?.[1] ?? '';
    const isWhole = async (): Promise<boolean> => {
      const { status, headers } = await ask('/health/ready');
      return status === 200 && !headers.get('fovea-degraded')?.includes('database');
    };
    await until('readiness', isWhole, 60_000);
  }

  const ask = async (path: string, init?: RequestInit): Promise<Response> =>
    await whole(fetch(origin + path, init));
  let serial = 0;
  const keep = async () => {
    const bytes = withComment(await photo('chelsea.png'), serial++);
    const response = await ask('/api/validate/image', { method: 'POST', body: form(bytes) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { image_id: id } = JSON.parse(text) as { image_id: string };
    return { id, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const isHeld = ({ sha256 }: { sha256: string }): boolean =>
    cloudinary.held().includes(`photos/${sha256}`);
  const metric = async (line: RegExp): Promise<number> =>
    Number(line.exec(await (await ask('/metrics')).text())?.[1]);
  const waiting = async (): Promise<number> => metric(/^fovea_image_spool_changes (\d+)/m);
  const breaker = async (): Promise<number> =>
    metric(/^fovea_breaker_state\{dependency="blobs"\} (\d+)/m);
  const deep = async (): Promise<Health> => (await (await ask('/health/deep')).json()) as Health;

  it('uploads each image, signed, and reads it back from there', async () => {
    const image = await keep();
    assert.ok(isHeld(image));
    const content = await ask(`/api/v1/images/${image.id}/content`);
    assert.equal(content.status, 200);
    assert.ok(image.bytes.equals(Buffer.from(await content.arrayBuffer())));
    assert.equal((await deep()).checks.storage.ok, true);
    assert.equal(await breaker(), 0);
    assert.equal(await waiting(), 0);
  });

  for (const mood of [401, 503, 'hangs'] as const satisfies readonly CloudinaryMood[])
    it(`keeps what it does not take (${mood}), says so, and sends it when it does again`, async () => {
      const old = await keep();
      cloudinary.become(mood);
      const kept = [await keep()];
      await until(
        'the open breaker',
        async () => {
          kept.push(await keep());
          return (await breaker()) === 2;
        },
        60_000,
      );
      for (let more = 0; more < 5; more += 1) kept.push(await keep());
      assert.ok(!kept.some(isHeld));
      assert.equal(await waiting(), kept.length, 'each of them waits');

      const ready = await ask('/health/ready');
      assert.equal(ready.status, 200, 'it is ready all the same');
      assert.equal(ready.headers.get('fovea-degraded'), 'blobs');
      assert.deepEqual(((await ready.json()) as Health).degraded, ['blobs']);
      // What it found is kept for a while.
      await until('the deep check', async () => !(await deep()).checks.storage.ok, 60_000);
      assert.notEqual((await deep()).checks.storage.breaker, 'closed');
      const fresh = kept.at(-1);
      const content = await ask(`/api/v1/images/${fresh?.id ?? ''}/content`);
      assert.ok(fresh);
      assert.ok(fresh.bytes.equals(Buffer.from(await content.arrayBuffer())));
      const analysed = await ask('/api/analyze/by-id', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ image_id: fresh.id }),
      });
      assert.equal(analysed.status, 200, await analysed.text());
      const unreadable = await ask(`/api/v1/images/${old.id}/content`);
      assert.ok(Number(unreadable.headers.get('retry-after')) >= 1);
      await assertError(unreadable, 503, 'STORAGE_UNAVAILABLE');

      cloudinary.become('works');
      await until('all to be sent', async () => (await waiting()) === 0, 60_000);
      for (const image of kept) assert.ok(isHeld(image), `${image.id} is lost`);
      await until('the closed breaker', async () => (await breaker()) === 0, 60_000);
      const header = (await ask('/health/live')).headers.get('fovea-degraded');
      assert.equal(header, null);
      assert.equal((await ask(`/api/v1/images/${old.id}/content`)).status, 200);
    });

  it('sends after a kill what waited before it', async () => {
    cloudinary.become(503);
    const kept = [await keep(), await keep(), await keep()];
    process?.child.kill('SIGKILL');
    await process?.finished;
    cloudinary.become('works');
    await start();
    await until('all to be sent', () => kept.every(isHeld), 60_000);
    assert.equal(await waiting(), 0);
    for (const { id, bytes } of kept) {
      const content = await ask(`/api/v1/images/${id}/content`);
      assert.ok(bytes.equals(Buffer.from(await content.arrayBuffer())));
    }
  });
});
