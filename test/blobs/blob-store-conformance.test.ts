import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BlobStore } from '../../src/blobs/blob-store.ts';
import { DiskBlobStore } from '../../src/blobs/disk-blob-store.ts';
import { SpooledBlobStore } from '../../src/blobs/spooled-blob-store.ts';
import { cloudinaryStore, launchCloudinary } from '../support/cloudinary.ts';
import { launchS3, s3Store } from '../support/s3.ts';

interface Opened {
  readonly store: BlobStore;
  /** One of the same kind that cannot reach its place. */
  readonly broken: BlobStore;
  readonly close: () => Promise<void>;
}

const keyOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const temporary = async (): Promise<string> => await mkdtemp(join(tmpdir(), 'fovea-blobs-'));

async function openDisk(): Promise<Opened> {
  const folder = await temporary();
  return {
    store: new DiskBlobStore(join(folder, 'blobs')),
    broken: new DiskBlobStore('/dev/null'),
    close: async () => await rm(folder, { recursive: true }),
  };
}

async function openS3(): Promise<Opened> {
  const s3 = await launchS3();
  const [store, broken] = [s3Store(s3.port), s3Store(1)];
  return {
    store,
    broken,
    close: async () => {
      store.close();
      broken.close();
      await s3.close();
    },
  };
}

async function openCloudinary(): Promise<Opened> {
  const cloudinary = await launchCloudinary();
  const [store, broken] = [cloudinaryStore(cloudinary.port), cloudinaryStore(1)];
  return {
    store,
    broken,
    close: async () => {
      store.close();
      broken.close();
      await cloudinary.close();
    },
  };
}

async function openSpooled(): Promise<Opened> {
  const s3 = await openS3();
  const folder = await temporary();
  const open = async (remote: BlobStore, directory: string): Promise<SpooledBlobStore> =>
    await SpooledBlobStore.open({ remote, directory: join(folder, directory), maxBytes: 0 });
  // Without room in the spool a lost store cannot be hidden.
  const stores = [await open(s3.store, 'spool'), await open(s3.broken, 'none')] as const;
  return {
    store: stores[0],
    broken: stores[1],
    close: async () => {
      for (const store of stores) await store.close();
      await s3.close();
      await rm(folder, { recursive: true });
    },
  };
}

const kinds = {
  DiskBlobStore: openDisk,
  S3BlobStore: openS3,
  CloudinaryBlobStore: openCloudinary,
  SpooledBlobStore: openSpooled,
};

for (const [name, open] of Object.entries(kinds))
  describe(`${name} as a blob store`, { concurrency: false }, () => {
    let opened: Opened;
    let store: BlobStore;
    before(async () => {
      opened = await open();
      ({ store } = opened);
    });
    after(async () => await opened.close());

    it('gives back what was put, also when it was put twice', async () => {
      const bytes = randomBytes(1000);
      const key = keyOf(bytes);
      assert.equal(await store.has(key), false);
      await store.put(key, bytes);
      await store.put(key, bytes);
      assert.equal(await store.has(key), true);
      assert.deepEqual(Buffer.from((await store.get(key)) ?? []), bytes);
    });

    it('says when there is no such blob', async () => {
      const key = '0'.repeat(64);
      assert.equal(await store.has(key), false);
      assert.equal(await store.get(key), undefined);
    });

    it('deletes for good, and a deletion of nothing is none', async () => {
      const bytes = randomBytes(100);
      const key = keyOf(bytes);
      await store.put(key, bytes);
      await store.delete(key);
      await store.delete(key);
      assert.equal(await store.has(key), false);
      assert.equal(await store.get(key), undefined);
      await store.put(key, bytes);
      assert.equal(await store.has(key), true, 'it can be put again');
    });

    it('takes a big blob whole', async () => {
      const bytes = randomBytes(24 * 1024 * 1024);
      const key = keyOf(bytes);
      await store.put(key, bytes);
      assert.ok(bytes.equals((await store.get(key)) ?? Buffer.alloc(0)));
      await store.delete(key);
    });

    it('takes many at a time, the same among them', async () => {
      const blobs = Array.from({ length: 12 }, () => randomBytes(5000));
      await Promise.all([...blobs, ...blobs].map((bytes) => store.put(keyOf(bytes), bytes)));
      const back = await Promise.all(blobs.map((bytes) => store.get(keyOf(bytes))));
      for (const [index, bytes] of blobs.entries())
        assert.ok(bytes.equals(back[index] ?? Buffer.alloc(0)));
    });

    it('proves that it works, and leaves nothing', async () => await store.probe());

    it('takes no key that could lead elsewhere', async () => {
      await assert.rejects(store.put('../../etc/passwd', Buffer.from('x')), TypeError);
      await assert.rejects(store.get('../../etc/passwd'), TypeError);
    });

    it('says STORAGE_UNAVAILABLE, and when to try again, when it is out of reach', async () => {
      const bytes = randomBytes(10);
      const { broken } = opened;
      for (const work of [
        () => broken.put(keyOf(bytes), bytes),
        () => broken.get(keyOf(bytes)),
        () => broken.probe(),
      ])
        await assert.rejects(
          work,
          (error: { code?: string; details?: Record<string, unknown> }) => {
            assert.equal(error.code, 'STORAGE_UNAVAILABLE');
            assert.ok(Number(error.details?.['retry_after_seconds']) >= 1);
            return true;
          },
        );
    });
  });
