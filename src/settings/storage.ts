import { z } from 'zod';
import {
  bytes,
  databaseUrl,
  duration,
  optional,
  redisUrl,
  setting,
  text,
  type Setting,
} from './setting-types.ts';

/** Databases and stores that the server uses. */
export const storageSettings = {
  DATABASE_URL: optional(
    databaseUrl,
    'PostgreSQL 14 or newer to use instead of the embedded one: `postgres://user:password@host:5432/name`.',
    true,
  ),
  REDIS_URL: optional(
    redisUrl,
    'Redis 6.2 or newer, or Valkey, to share sessions, limits and cached results with other servers: `redis://host:6379/0`, `rediss://user:password@host:6380`, `unix:///path/redis.sock?db=0`.',
    true,
  ),
  S3_BUCKET: optional(
    text,
    'Bucket for images instead of files in the data directory; every server of one database uses the same.',
  ),
  S3_ENDPOINT: optional(
    z.url({ protocol: /^https?$/ }),
    'Address of an S3-compatible server (MinIO, Ceph, R2); AWS unless given.',
  ),
  S3_PREFIX: setting(text, 'fovea/images/', 'Put before the name of every object.'),
  AWS_REGION: setting(text, 'us-east-1', 'Region of the bucket.'),
  AWS_ACCESS_KEY_ID: optional(
    text,
    'Key for the bucket; without it the AWS SDK looks where AWS documents it (profile, container, instance, web identity).',
  ),
  AWS_SECRET_ACCESS_KEY: optional(text, 'Secret of that key.', true),
  AWS_SESSION_TOKEN: optional(text, 'Token of temporary credentials.', true),
  CLOUDINARY_URL: optional(
    z
      .string()
      .regex(
        /^cloudinary:\/\/[^:@/]+:[^:@/]+@[^:@/]+/,
        'must look like cloudinary://key:secret@cloud',
      ),
    'Cloudinary account for images instead of S3 or files: `cloudinary://key:secret@cloud`, with the folder behind a slash if it is not `fovea`, and `?upload_prefix=https://…` for another address of its API.',
    true,
  ),
  FOVEA_IMAGE_STORE_TIMEOUT: setting(
    duration.pipe(z.number().min(100).max(60_000)),
    '5s',
    'Longest wait for S3 or Cloudinary; what they do not take in time waits on the local disk.',
  ),
  FOVEA_IMAGE_SPOOL: setting(
    bytes,
    '1GiB',
    'Disk for images that S3 or Cloudinary does not take now; when it is full, new images are answered 503 until it does.',
  ),
  FOVEA_REDIS_TIMEOUT: setting(
    duration.pipe(z.number().min(10).max(10_000)),
    '200ms',
    'Longest wait for one answer of Redis; a few slower ones in a row, and the server goes on without it until it is fast again.',
  ),
  FOVEA_REDIS_PREFIX: setting(
    text,
    'fovea:',
    'Put before every key in Redis; servers that share one share this too.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
