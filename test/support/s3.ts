/** A real S3-compatible server for tests, which checks signatures as AWS documents them. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3BlobStore, type S3Options } from '../../src/blobs/s3-blob-store.ts';

interface S3Rver {
  httpServer: Server;
  run(): Promise<AddressInfo>;
}
type S3RverClass = new (options: Record<string, unknown>) => S3Rver;
const S3rver = createRequire(import.meta.url)('s3rver') as S3RverClass;

/** The only ones that s3rver knows. */
export const s3Credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
export const s3Bucket = 'photos';

export interface TestS3 {
  readonly port: number;
  /** Ends it and every connection; what it holds stays. */
  readonly stop: () => Promise<void>;
  /** Starts it again on the same port. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function launchS3(): Promise<TestS3> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-s3-'));
  let server: Server | undefined;
  let port = 0;
  const start = async (): Promise<void> => {
    const s3 = new S3rver({
      directory,
      port,
      address: '127.0.0.1',
      silent: true,
      configureBuckets: [{ name: s3Bucket }],
    });
    ({ port } = await s3.run());
    server = s3.httpServer;
  };
  const stop = async (): Promise<void> => {
    const ending = server;
    server = undefined;
    if (ending === undefined) return;
    const closed = new Promise((resolve) => ending.close(resolve));
    ending.closeAllConnections();
    await closed;
  };
  await start();
  return {
    port,
    start,
    stop,
    close: async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A store on it, or on a proxy before it. */
export function s3Store(port: number, options: Partial<S3Options> = {}): S3BlobStore {
  return new S3BlobStore({
    bucket: s3Bucket,
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${port}`,
    prefix: 'images/',
    timeoutMs: 10_000,
    credentials: s3Credentials,
    ...options,
  });
}
