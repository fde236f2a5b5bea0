import { availableParallelism } from 'node:os';
import { z } from 'zod';
import {
  angle,
  bytes,
  databaseUrl,
  duration,
  flag,
  integer,
  list,
  listOf,
  number,
  onOff,
  optional,
  path,
  port,
  ports,
  redisUrl,
  setting,
  text,
  type Setting,
  webAddress,
} from './setting-types.ts';
import { readSettingsFile, type Given } from './settings-file.ts';

/** The only file that reads the environment. `main.ts` reads it once and passes plain values down. */

/** Every setting, by the name it has in the environment and in `fovea.yaml`. `docs/settings.md` is generated from here. */
export const settings = {
  HOST: setting(
    text,
    '127.0.0.1',
    'Address to listen on; anything but loopback needs accounts, unless `FOVEA_AUTH=open` says otherwise.',
  ),
  PORT: setting(port, '8000', 'Port of the HTTP API; 0 takes a free one.'),
  FOVEA_DATA_DIR: setting(
    path,
    '.fovea',
    'Everything the server writes but models: database, images, journal; give it a disk that lasts.',
  ),
  FOVEA_MODELS_DIR: setting(
    path,
    '.models',
    'The one place where model files live; safe to share between servers and to delete.',
  ),
  FOVEA_FACE_PACK: setting(
    z.enum(['starter', 'buffalo_l', 'buffalo_m', 'buffalo_s', 'buffalo_sc', 'antelopev2']),
    'starter',
    'Models that look at faces; all but `starter` are for non-commercial use and are brought by `fovea setup <pack> --accept-licence`.',
  ),
  FOVEA_MODEL_IDLE: setting(
    duration,
    '10m',
    'A model that is loaded on first use leaves the memory after this long without any; 0s keeps it.',
  ),
  FOVEA_OFFLINE: setting(
    flag,
    'false',
    'Fetch no model file; what is in the models folder goes on serving.',
  ),
  HF_HUB_OFFLINE: setting(
    onOff,
    '0',
    "The Hugging Face tools' name for `FOVEA_OFFLINE`; either will do.",
  ),
  HF_ENDPOINT: setting(
    webAddress,
    'https://huggingface.co',
    'Where `hf:` model files come from: the Hugging Face Hub, or a mirror that speaks its protocol.',
  ),
  HF_TOKEN: optional(
    text,
    'Access token for gated or private files of the hub; sent to `HF_ENDPOINT` and nowhere else.',
    true,
  ),
  FOVEA_HUB_SILENCE: setting(
    duration.pipe(z.number().min(100)),
    '30s',
    'How long the source of a model file may say nothing before the download is tried again.',
  ),
  FOVEA_AUTH: setting(
    z.enum(['auto', 'required', 'open']),
    'auto',
    '`auto` is open on loopback and asks for accounts elsewhere; `required` always asks; `open` never does and serves anybody who can reach the port.',
  ),
  FOVEA_ALLOWED_HOSTS: setting(
    list,
    '',
    'Further `Host` names to answer to while open on loopback, such as the name a reverse proxy passes on.',
  ),
  FOVEA_REGISTRATION: optional(
    z.enum(['open', 'closed', 'invite']),
    'Who may make an account: anybody, nobody, or who has a code from an administrator; unless given, `open` on loopback and `invite` elsewhere.',
  ),
  FOVEA_ACCESS_TOKEN_TTL: setting(
    duration.pipe(z.number().min(1_000).max(86_400_000)),
    '15m',
    'How long an access token counts; short, as it is renewed without the person.',
  ),
  FOVEA_REFRESH_TOKEN_TTL: setting(
    duration.pipe(z.number().min(1_000)),
    '30d',
    'How long a login lasts that nobody uses.',
  ),
  FOVEA_KEYS_FILE: optional(
    path,
    'File of the keys that sign access tokens, `keys.json` in the data directory unless given; servers behind one address share it.',
  ),
  FOVEA_KEY_ROTATION: setting(
    duration.pipe(z.number().min(60_000)),
    '30d',
    'Age at which the signing key is replaced; tokens that it signed count until they expire.',
  ),
  FOVEA_TRUSTED_PROXIES: setting(
    list.pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
    '',
    'Addresses or networks (CIDR) of reverse proxies whose `X-Forwarded-For` says who asks; logins are throttled by that address.',
  ),
  DATABASE_URL: optional(
    databaseUrl,
    'PostgreSQL 14 or newer to use instead of the embedded one: `postgres://user:password@host:5432/name`.',
    true,
  ),
  REDIS_URL: optional(
    redisUrl,
    'Redis 6 or Valkey to share sessions, limits and cached results with other servers: `redis://host:6379/0`, `rediss://user:password@host:6380`, `unix:///path/redis.sock?db=0`.',
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
    'Cloudinary account for images instead of S3 or files: `cloudinary://key:secret@cloud`, with the folder behind a slash if it is not `fovea`.',
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
  LOG_LEVEL: setting(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    'Least severe log line that is written.',
  ),

  FOVEA_WORKERS: setting(
    integer(1, 64),
    String(availableParallelism()),
    'Worker processes per model group; one per core is right unless memory is short.',
  ),
  FOVEA_CONCURRENCY: setting(
    integer(1, 1_024),
    '4',
    'Requests that one group of models works on at a time, over all its workers; raise it to twice `FOVEA_WORKERS` on more than two cores.',
  ),
  FOVEA_QUEUE_LIMIT: setting(
    integer(1, 10_000),
    '100',
    'Requests that may wait for a worker; more are answered 503 at once with `Retry-After`.',
  ),
  FOVEA_REQUEST_TIMEOUT: setting(
    duration,
    '30s',
    'Longest time a request may take; a worker stuck for longer is replaced.',
  ),
  FOVEA_WORKER_MEMORY: setting(
    bytes,
    '1GiB',
    'Resident memory above which a worker process is replaced, without a request lost.',
  ),
  FOVEA_WORKER_MAX_AGE: setting(
    duration,
    '0s',
    'Age at which a worker process is replaced at its next request, against what leaks slowly; 0s never does.',
  ),
  FOVEA_WORKER_MAX_REQUESTS: setting(
    integer(0, 1_000_000_000),
    '0',
    'Requests after which a worker process is replaced; 0 never does.',
  ),
  FOVEA_DRAIN_GRACE: setting(
    duration,
    '0s',
    'Time between SIGTERM and closing the port, so that a load balancer sees `ready` go false first; 5s suits Kubernetes.',
  ),

  FOVEA_MAX_IMAGE_BYTES: setting(bytes, '10MiB', 'Largest image file that is read at all.'),
  FOVEA_MAX_IMAGE_PIXELS: setting(
    integer(1, 268_000_000),
    '40000000',
    'Largest width x height that is decoded; memory per image is three bytes per pixel.',
  ),
  FOVEA_IMAGE_FORMATS: setting(
    listOf(['png', 'jpeg', 'webp', 'avif', 'tiff']),
    'png,jpeg',
    'Image formats accepted, recognised by content: png, jpeg, webp, avif, tiff.',
  ),
  FOVEA_IMAGE_TTL: setting(duration, '30d', 'Images not used for this long are deleted.'),
  FOVEA_UPLOAD_MEMORY: setting(
    bytes,
    '256MiB',
    'Memory that request bodies being read may hold together; beyond it new uploads are answered 503.',
  ),
  FOVEA_RESULT_CACHE: setting(
    bytes,
    '64MiB',
    'Memory for results of analyses, keyed by image content, models and options.',
  ),

  FOVEA_SESSION_TTL: setting(
    duration.pipe(z.number().min(1_000)),
    '1h',
    'A session without activity for this long expires; each may ask for another time.',
  ),
  FOVEA_SESSION_MAX_TTL: setting(
    duration.pipe(z.number().min(1_000)),
    '24h',
    'Longest time without activity that a session may ask for.',
  ),
  FOVEA_SESSION_KEEP: setting(
    duration,
    '1h',
    'How long an ended or expired session is told from one that never was.',
  ),
  FOVEA_SESSION_MEMORY: setting(
    bytes,
    '128MiB',
    'Memory for sessions, some 1 KiB each and their metadata; beyond it the ones not used for longest are forgotten. With `REDIS_URL`, for the copies that carry on without Redis.',
  ),
  FOVEA_KEEP_FRAMES: setting(
    flag,
    'false',
    'Whether frames of sessions are kept as images unless a request says otherwise.',
  ),
  FOVEA_DETECTION_RETENTION: setting(
    duration,
    '30d',
    'What was detected in sessions is kept this long.',
  ),
  FOVEA_DETECTION_JOURNAL: setting(
    bytes,
    '64MiB',
    'Disk for detections that the database does not have yet; when it is full, frames are answered but not recorded.',
  ),
  FOVEA_STREAM_LIMIT: setting(integer(1, 10_000), '256', 'Most streams of frames open at a time.'),
  FOVEA_STREAM_IDLE: setting(
    duration.pipe(z.number().min(100)),
    '60s',
    'A stream that sends nothing for this long is closed.',
  ),

  FOVEA_PREDICTION_RETENTION: setting(
    duration,
    '90d',
    'Predictions and their sums are kept this long, in whole days; each day is a table of its own, so stay below some 400d.',
  ),
  FOVEA_PREDICTION_JOURNAL: setting(
    bytes,
    '256MiB',
    'Disk for predictions that the database does not have yet; when it is full, predictions are answered but not logged.',
  ),
  FOVEA_JOBS_DIR: optional(
    path,
    'Folder of batch jobs, `jobs` in the data directory unless given; servers that share it (and the database) share the jobs.',
  ),
  FOVEA_JOB_CONCURRENCY: setting(
    integer(1, 16),
    '1',
    'Batch jobs that one server runs at a time; they yield to interactive predictions.',
  ),
  FOVEA_JOB_TTL: setting(
    duration,
    '7d',
    'Finished batch jobs are deleted, files and all, after this time.',
  ),
  FOVEA_MAX_JOB_BYTES: setting(bytes, '256MiB', 'Largest file of a batch job.'),

  FOVEA_MAX_MODEL_BYTES: setting(
    bytes,
    '2GiB',
    'Largest model that may be uploaded, all its files together.',
  ),
  FOVEA_UPLOAD_TIMEOUT: setting(
    duration,
    '1h',
    'Longest time for the upload of a model; other requests have `FOVEA_REQUEST_TIMEOUT`.',
  ),
  FOVEA_IMPORT_TIMEOUT: setting(
    duration,
    '30s',
    'Longest time to read an uploaded model and run it once; raise it for large models.',
  ),
  FOVEA_IMPORT_MEMORY: setting(
    bytes,
    '2GiB',
    'Memory of the process that reads uploaded models, beyond which it ends itself; a model needs about four times its size.',
  ),
  FOVEA_TABULAR_WORKERS: setting(
    integer(1, 64),
    '2',
    'Processes that uploaded models are shared out among; each model lives in one of them.',
  ),
  FOVEA_MODEL_CACHE: setting(
    bytes,
    '512MiB',
    'Memory for uploaded models in each of these processes; the least recently used ones leave first.',
  ),
  FOVEA_MODEL_CACHE_COUNT: setting(
    integer(1, 10_000),
    '100',
    'Most uploaded models in the memory of one process.',
  ),
  FOVEA_PREDICTION_CACHE: setting(
    bytes,
    '64MiB',
    'Memory for results of predictions, keyed by version and exact input.',
  ),
  FOVEA_PREDICTION_CACHE_TTL: setting(
    duration,
    '1h',
    'How long Redis, if there is one, keeps results of predictions for all servers. A version never changes, so this is about its memory only.',
  ),
  FOVEA_MAX_PREDICT_BYTES: setting(bytes, '4MiB', 'Largest body of a prediction request.'),
  FOVEA_MAX_PREDICT_ROWS: setting(
    integer(1, 1_000_000),
    '10000',
    'Most rows of one prediction request; batch jobs take more.',
  ),

  FOVEA_REMOTE_IMAGES: setting(flag, 'true', 'Whether `image_url` is accepted.'),
  FOVEA_REMOTE_PROTOCOLS: setting(
    listOf(['https', 'http']),
    'https',
    'Protocols of `image_url`; add http only for sources that have nothing else.',
  ),
  FOVEA_REMOTE_DOMAINS: setting(
    list,
    '',
    'Domains `image_url` may name (`example.com`, `.example.com` for its subdomains); empty allows any public host.',
  ),
  FOVEA_REMOTE_PORTS: setting(ports, '80,443', 'Ports `image_url` may name; `any` rules none out.'),
  FOVEA_REMOTE_NETWORKS: setting(
    list,
    '',
    'Private networks (CIDR) that `image_url` may reach all the same, for stores inside your own network.',
  ),
  FOVEA_REMOTE_TIMEOUT: setting(
    duration,
    '10s',
    'Longest time for one remote image, redirects included.',
  ),
  FOVEA_REMOTE_REDIRECTS: setting(
    integer(0, 20),
    '3',
    'Redirects followed for one remote image; each hop is checked anew.',
  ),

  FOVEA_RULE_MAX_BYTES: optional(bytes, 'Validation: most bytes an image may have.'),
  FOVEA_RULE_MAX_PIXELS: optional(
    integer(1, 268_000_000),
    'Validation: most pixels an image may have.',
  ),
  FOVEA_RULE_MIN_SIDE: setting(integer(1, 20_000), '64', 'Validation: shortest side in pixels.'),
  FOVEA_RULE_MAX_SIDE: optional(integer(1, 50_000), 'Validation: longest side in pixels.'),
  FOVEA_RULE_MIN_SHARPNESS: optional(
    number(0, 1e6),
    'Validation: least sharpness of the image (variance of the Laplacian, see docs/validation.md).',
  ),
  FOVEA_RULE_MIN_BRIGHTNESS: optional(
    number(0, 255),
    'Validation: least mean brightness, 0 to 255.',
  ),
  FOVEA_RULE_MAX_BRIGHTNESS: optional(
    number(0, 255),
    'Validation: greatest mean brightness, 0 to 255.',
  ),
  FOVEA_RULE_MIN_FACES: optional(integer(0, 1000), 'Validation: fewest faces; 1 asks for a face.'),
  FOVEA_RULE_MAX_FACES: optional(
    integer(0, 1000),
    'Validation: most faces; 1 asks for a portrait.',
  ),
  FOVEA_RULE_MIN_FACE_SIDE: optional(
    integer(1, 20_000),
    'Validation: shortest side of every face box in pixels.',
  ),
  FOVEA_RULE_MIN_FACE_SHARPNESS: optional(
    number(0, 1),
    'Validation: least `quality.sharpness` of every face, 0 to 1.',
  ),
  FOVEA_RULE_MAX_YAW: optional(
    angle,
    'Validation: greatest turn to a side of any face, in degrees.',
  ),
  FOVEA_RULE_MAX_PITCH: optional(
    angle,
    'Validation: greatest tilt up or down of any face, in degrees.',
  ),
  FOVEA_RULE_MAX_ROLL: optional(
    angle,
    'Validation: greatest tilt to a shoulder of any face, in degrees.',
  ),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;
export type Config = { readonly [Name in SettingName]: z.infer<(typeof settings)[Name]['schema']> };

/** All mistakes of one configuration together, each with what to change. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}:\n${mistakes.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/**
 * The environment laid over `fovea.yaml` (same names as keys), parsed once and frozen.
 * @throws ConfigError naming every mistake at once.
 */
export function readConfig(environment: Given = process.env, file = 'fovea.yaml'): Config {
  const mistakes: string[] = [];
  const fromFile = readSettingsFile(file, mistakes);
  const given: Given = { ...fromFile, ...environment };
  for (const name of Object.keys(given)) {
    const ours = name.startsWith('FOVEA_') || Object.hasOwn(fromFile, name);
    if (ours && !Object.hasOwn(settings, name))
      mistakes.push(`${name} is no setting${suggestion(name)}`);
  }
  const entries = Object.entries(settings).map(([name, { schema, fallback, secret }]) => {
    const value = given[name] === '' ? undefined : given[name];
    const result = (schema as z.ZodType).safeParse(value ?? fallback);
    if (result.success) return [name, result.data] as const;
    const shown = secret ? '(hidden)' : JSON.stringify(value);
    mistakes.push(
      `${name}=${shown}: ${result.error.issues.map((issue) => issue.message).join('; ')}`,
    );
    return [name, undefined] as const;
  });
  const config = Object.fromEntries(entries) as Config;
  if (mistakes.length === 0) mistakes.push(...contradictions(config));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze(config);
}

/** What a child process needs of the environment to run at all: no secret among it. */
export function childEnvironment(): Record<string, string> {
  const names = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
}

/** Whether `host` is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function contradictions(config: Config): string[] {
  const found: string[] = [];
  if (config.FOVEA_SESSION_TTL > config.FOVEA_SESSION_MAX_TTL)
    found.push('FOVEA_SESSION_TTL is above FOVEA_SESSION_MAX_TTL');
  const orders = [
    ['FOVEA_RULE_MIN_SIDE', 'FOVEA_RULE_MAX_SIDE'],
    ['FOVEA_RULE_MIN_BRIGHTNESS', 'FOVEA_RULE_MAX_BRIGHTNESS'],
    ['FOVEA_RULE_MIN_FACES', 'FOVEA_RULE_MAX_FACES'],
  ] as const;
  for (const [low, high] of orders) {
    const [least, most] = [config[low], config[high]];
    if (least !== undefined && most !== undefined && least > most)
      found.push(`${low}=${least} is above ${high}=${most}`);
  }
  if (config.S3_BUCKET !== undefined && config.CLOUDINARY_URL !== undefined)
    found.push('S3_BUCKET and CLOUDINARY_URL are both set; images are in one of them');
  if ((config.AWS_ACCESS_KEY_ID === undefined) !== (config.AWS_SECRET_ACCESS_KEY === undefined))
    found.push('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together; one is missing');
  return found;
}

function suggestion(name: string): string {
  const words = new Set(name.split('_'));
  const scored = Object.keys(settings).map((known) => ({
    known,
    shared: known.split('_').filter((word) => word !== 'FOVEA' && words.has(word)).length,
  }));
  const best = scored.sort((a, b) => b.shared - a.shared)[0];
  return best && best.shared > 0
    ? `; did you mean ${best.known}?`
    : '; docs/settings.md lists them all';
}
