import { join } from 'node:path';
import type { BlobStore } from '../blobs/blob-store.ts';
import { CloudinaryBlobStore } from '../blobs/cloudinary-blob-store.ts';
import { DiskBlobStore } from '../blobs/disk-blob-store.ts';
import { S3BlobStore } from '../blobs/s3-blob-store.ts';
import { TimedBlobStore } from '../blobs/timed-blob-store.ts';
import { SpooledBlobStore } from '../blobs/spooled-blob-store.ts';
import { logDependency } from './dependencies.ts';
import type { Config } from '../config.ts';
import type { Degradations } from '../dependencies/degradations.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { OnOperation } from '../telemetry/timed.ts';

/** Where images are, and what of them waits here for a store on another machine. */
export interface RunningBlobs {
  readonly store: BlobStore;
  readonly waiting: () => { readonly changes: number; readonly bytes: number };
  readonly close: () => Promise<void>;
}

/** Images in S3 or Cloudinary if the settings name one, else as files in the data directory. */
export async function composeBlobs(
  config: Config,
  logger: Logger,
  degradations: Degradations,
  onOperation: OnOperation,
): Promise<RunningBlobs> {
  const remote = s3Store(config) ?? cloudinaryStore(config);
  if (remote === undefined)
    return {
      store: new TimedBlobStore(
        new DiskBlobStore(join(config.FOVEA_DATA_DIR, 'images')),
        onOperation,
      ),
      waiting: () => ({ changes: 0, bytes: 0 }),
      close: async () => await Promise.resolve(),
    };
  const store = await SpooledBlobStore.open({
    remote,
    directory: join(config.FOVEA_DATA_DIR, 'image-spool'),
    maxBytes: config.FOVEA_IMAGE_SPOOL,
    onChange: logDependency(logger, 'blobs'),
    onFallback: () => degradations.note('blobs'),
  });
  degradations.watch('blobs', () => store.state);
  return {
    store: new TimedBlobStore(store, onOperation),
    waiting: () => store.waiting,
    close: async () => {
      await store.close();
      remote.close();
    },
  };
}

function s3Store(config: Config): S3BlobStore | undefined {
  if (config.S3_BUCKET === undefined) return undefined;
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = config;
  return new S3BlobStore({
    bucket: config.S3_BUCKET,
    endpoint: config.S3_ENDPOINT,
    region: config.AWS_REGION,
    prefix: config.S3_PREFIX,
    timeoutMs: config.FOVEA_IMAGE_STORE_TIMEOUT,
    ...(id !== undefined && secret !== undefined
      ? {
          credentials: {
            accessKeyId: id,
            secretAccessKey: secret,
            ...(token === undefined ? {} : { sessionToken: token }),
          },
        }
      : {}),
  });
}

function cloudinaryStore(config: Config): CloudinaryBlobStore | undefined {
  if (config.CLOUDINARY_URL === undefined) return undefined;
  const { hostname, username, password, pathname, searchParams } = new URL(config.CLOUDINARY_URL);
  return new CloudinaryBlobStore({
    cloudName: hostname,
    apiKey: decodeURIComponent(username),
    apiSecret: decodeURIComponent(password),
    folder: pathname.replace(/^\/+|\/+$/g, '') || 'fovea',
    apiUrl: searchParams.get('upload_prefix') ?? undefined,
    timeoutMs: config.FOVEA_IMAGE_STORE_TIMEOUT,
    maxBytes: config.FOVEA_MAX_IMAGE_BYTES,
  });
}
