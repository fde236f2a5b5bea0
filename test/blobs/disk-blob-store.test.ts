import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DiskBlobStore } from '../../src/blobs/disk-blob-store.ts';

const bytes = Buffer.from('a picture');
const key = createHash('sha256').update(bytes).digest('hex');

describe('DiskBlobStore', () => {
  let folder = '';
  let store: DiskBlobStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-blobs-'));
    store = new DiskBlobStore(folder);
  });
  after(async () => await rm(folder, { recursive: true }));

  async function files(): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  it('gives back what was put, and nothing for what was not', async () => {
    await store.put(key, bytes);
    assert.deepEqual(Buffer.from((await store.get(key)) ?? []), bytes);
    assert.equal(await store.get('0'.repeat(64)), undefined);
  });

  it('keeps the same bytes once, also when put at the same moment', async () => {
    await Promise.all(Array.from({ length: 20 }, () => store.put(key, bytes)));
    assert.deepEqual(await files(), [key]);
  });

  it('leaves nothing behind after a probe and a delete', async () => {
    await store.probe();
    await store.delete(key);
    await store.delete(key);
    assert.deepEqual(await files(), []);
  });

  it('takes no key that could leave its folder', async () => {
    await assert.rejects(store.get('../../etc/passwd'), TypeError);
  });

  it('says STORAGE_UNAVAILABLE when the disk refuses', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await chmod(file, 0o400);
    const broken = new DiskBlobStore(file);
    await assert.rejects(broken.put(key, bytes), { code: 'STORAGE_UNAVAILABLE' });
    await assert.rejects(broken.probe(), { code: 'STORAGE_UNAVAILABLE' });
  });
});
