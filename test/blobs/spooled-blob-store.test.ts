import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { SpooledBlobStore } from '../../src/blobs/spooled-blob-store.ts';
import type { S3BlobStore } from '../../src/blobs/s3-blob-store.ts';
import { startFaultyProxy, type FaultyProxy, type ProxyMode } from '../support/faulty-proxy.ts';
import { launchS3, s3Store, type TestS3 } from '../support/s3.ts';
import { until } from '../support/server.ts';

const keyOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('SpooledBlobStore', { concurrency: false }, () => {
  let s3: TestS3;
  /** Past the proxy: what S3 really has. */
  let truth: S3BlobStore;
  let proxy: FaultyProxy;
  let remote: S3BlobStore;
  let folder = '';
  const opened: SpooledBlobStore[] = [];
  before(async () => {
    s3 = await launchS3();
    truth = s3Store(s3.port);
  });
  after(async () => {
    truth.close();
    await s3.close();
  });
  beforeEach(async () => {
    proxy = await startFaultyProxy({ port: s3.port });
    remote = s3Store(proxy.port, { timeoutMs: 1_500 });
    folder = await mkdtemp(join(tmpdir(), 'fovea-spool-'));
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    remote.close();
    await proxy.close();
    await rm(folder, { recursive: true });
  });

  async function open(maxBytes = 1e9): Promise<SpooledBlobStore> {
    const store = await SpooledBlobStore.open({ remote, directory: folder, maxBytes });
    opened.push(store);
    return store;
  }

  async function keep(store: SpooledBlobStore): Promise<string> {
    const bytes = randomBytes(20_000);
    await store.put(keyOf(bytes), bytes);
    return keyOf(bytes);
  }

  async function lose(store: SpooledBlobStore, mode: ProxyMode = 'refuse'): Promise<void> {
    await proxy.become(mode);
    for (let n = 0; n < 3; n += 1) await store.has(keyOf(randomBytes(1))).catch(() => undefined);
    await until('the loss', () => store.state.state !== 'closed');
  }

  async function assertReconciled(store: SpooledBlobStore): Promise<void> {
    await until('all to be told', () => store.waiting.changes === 0);
    assert.equal(store.waiting.bytes, 0);
    await until('an empty spool', async () => (await readdir(folder)).length === 0);
  }

  for (const mode of ['cut', 'hang', 'refuse'] as const)
    it(`loses nothing when the store is lost in the middle of a load (${mode})`, async () => {
      const store = await open();
      const kept: string[] = [];
      const stopped = new AbortController();
      const load = Array.from({ length: 6 }, async () => {
        while (!stopped.signal.aborted && kept.length < 2_000) {
          const key = await keep(store);
          kept.push(key);
          // What the store took just before it was lost cannot be read now; but nothing is ever "not there".
          const found = await store.get(key).catch((error: unknown) => error);
          assert.notEqual(found, undefined);
        }
      });
      await until('some kept', () => kept.length > 30);
      await proxy.become(mode);
      await until('the loss', () => store.state.state !== 'closed');
      const atLoss = kept.length;
      await until('more kept without the store', () => kept.length > atLoss + 100);
      assert.ok(store.waiting.changes > 50);
      await proxy.become('pass');
      await until('the return', () => store.state.state === 'closed');
      stopped.abort();
      await Promise.all(load);
      await assertReconciled(store);
      for (const key of kept) assert.equal(await truth.has(key), true, `${key} is lost`);
    });

  it('what was acknowledged before a kill -9 is sent by the next run', async () => {
    const writer = spawn(
      process.execPath,
      [join(import.meta.dirname, 'fixtures/spool-writer.ts'), folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until('some acknowledged', () => text.split('\n').length > 40);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const acknowledged = text.split('\n').filter((line) => line.length === 64);
    const store = await open();
    assert.ok(acknowledged.length >= 39);
    await assertReconciled(store);
    for (const key of acknowledged) assert.equal(await truth.has(key), true, `${key} is lost`);
  });

  it('a deletion while the store is away is done later, also after a restart', async () => {
    const first = await open();
    const [old, sent] = [await keep(first), await keep(first)];
    await assertReconciled(first);
    assert.equal(await truth.has(old), true);
    await lose(first);
    const fresh = await keep(first);
    for (const key of [old, fresh]) {
      await first.delete(key);
      assert.equal(await first.get(key), undefined, 'it is gone at once');
      assert.equal(await first.has(key), false);
    }
    await first.close();
    const second = await open();
    assert.equal(await second.get(old), undefined, 'nor does it come back with a restart');
    await proxy.become('pass');
    await assertReconciled(second);
    assert.deepEqual(await Promise.all([old, fresh, sent].map((key) => truth.has(key))), [
      false,
      false,
      true,
    ]);
  });

  it('the last word about a blob counts', async () => {
    const store = await open();
    const bytes = randomBytes(100);
    const key = keyOf(bytes);
    await store.put(key, bytes);
    await lose(store);
    await store.delete(key);
    await store.put(key, bytes);
    await proxy.become('pass');
    await assertReconciled(store);
    assert.equal(await truth.has(key), true);
  });

  it('what only the store has is refused at once while it is away, and says when to try again', async () => {
    const store = await open();
    const old = await keep(store);
    await assertReconciled(store);
    await lose(store, 'hang');
    const started = performance.now();
    await assert.rejects(
      store.get(old),
      (error: { code?: string; details?: Record<string, unknown> }) => {
        assert.equal(error.code, 'STORAGE_UNAVAILABLE');
        assert.ok(Number(error.details?.['retry_after_seconds']) >= 1);
        return true;
      },
    );
    assert.ok(performance.now() - started < 1_400, 'not even as long as an answer may take');
  });

  it('a full spool refuses more, keeps what it has, and takes again when there is room', async () => {
    const store = await open(100_000);
    await lose(store);
    const kept = [];
    for (let n = 0; n < 5; n += 1) kept.push(await keep(store));
    await assert.rejects(keep(store), { code: 'STORAGE_UNAVAILABLE', message: /100000/ });
    assert.equal(store.waiting.bytes, 100_000);
    await store.delete(kept.pop() ?? '');
    kept.push(await keep(store));
    await proxy.become('pass');
    await assertReconciled(store);
    for (const key of kept) assert.equal(await truth.has(key), true);
  });
});
