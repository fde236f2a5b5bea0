import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { readConfig } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/main.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { KeptFolder } from './kept-folder.ts';
import { placeCluster } from './prepared-cluster.ts';

export interface TestServer extends RunningServer {
  readonly dataDirectory: string;
  /** Every log line so far, parsed. */
  readonly logs: Record<string, unknown>[];
  /** Stops it and removes its folders. */
  readonly close: () => Promise<void>;
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
}

/** A whole server on a free port with its own folders, warmed up, to be closed by the test. */
export async function startTestServer(settings: Record<string, string> = {}): Promise<TestServer> {
  const server = await listeningTestServer({ FOVEA_WORKERS: '1', ...settings }, async (folder) => {
    if (!usesOwn(settings, ['DATABASE_URL'])) await placeCluster(join(folder, 'postgres'));
    if (!usesOwn(settings, modelSettings) && (await ownModels.exists()))
      await ownModels.copyTo(join(folder, 'models'));
  });
  await server.settled;
  if (!usesOwn(settings, modelSettings) && !(await ownModels.exists()))
    await ownModels.keep(join(server.dataDirectory, 'models'));
  const degraded = async (): Promise<unknown[]> =>
    ((await (await server.fetch('/health/ready')).json()) as { degraded: unknown[] }).degraded;
  await until('the database', async () => (await degraded()).length === 0);
  return server;
}

/** The models that every server has: importing them takes most of a first start, which has its own tests. */
const ownModels = new KeptFolder('models', [
  'src/models/**/*.ts',
  'src/import/tfjs/**/*.ts',
  'src/worker/**/*.ts',
]);
/** With one of these a server has other models, or brings them in another way. */
const modelSettings = [
  'FOVEA_MODELS_DIR',
  'FOVEA_FACE_PACK',
  'FOVEA_CLIP_PACK',
  'FOVEA_MODEL_IDLE',
  'FOVEA_NPM_FILES',
  'FOVEA_OFFLINE',
  'HF_ENDPOINT',
];

function usesOwn(settings: Record<string, string>, names: readonly string[]): boolean {
  return ['FOVEA_DATA_DIR', ...names].some((name) => settings[name] !== undefined);
}

/** What a busy machine takes longer for than a server should let anybody wait. */
const patience = {
  FOVEA_REQUEST_TIMEOUT: '2m',
  FOVEA_IMPORT_TIMEOUT: '2m',
  FOVEA_REDIS_TIMEOUT: '1s',
};

/**
 * The same as soon as it listens: models and database are on their way.
 * @param prepare fills the folder of the server's data before it starts
 */
export async function listeningTestServer(
  settings: Record<string, string> = {},
  prepare?: (directory: string) => Promise<void>,
): Promise<TestServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'fovea-data-'));
  await prepare?.(dataDirectory);
  const logs: Record<string, unknown>[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().split('\n').filter(Boolean))
        logs.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const config = readConfig(
    {
      PORT: '0',
      FOVEA_DATA_DIR: dataDirectory,
      FOVEA_MODELS_DIR: join(dataDirectory, 'models'),
      ...patience,
      ...settings,
    },
    join(dataDirectory, 'none.yaml'),
  );
  const server = await startServer(config, createLogger('info', sink));
  const close = async (): Promise<void> => {
    await server.stop(false);
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    ...server,
    dataDirectory,
    logs,
    close,
    fetch: (path, init) => fetch(server.url + path, init),
  };
}

const photos = new URL('../../photos/', import.meta.url);

export async function photo(name: string): Promise<Buffer<ArrayBuffer>> {
  return await readFile(new URL(name, photos));
}

/** A form with the image in the field `file`. */
export function form(
  image: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
  name = 'photo',
): FormData {
  const data = new FormData();
  for (const [key, value] of Object.entries(fields)) data.set(key, value);
  data.set('file', new Blob([image]), name);
  return data;
}

interface ErrorAnswer {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: Record<string, unknown>;
    readonly request_id: string;
  };
}

/** Asserts the status, the envelope and the code of an error answer; returns its body. */
export async function assertError(
  response: Response,
  status: number,
  code: string,
): Promise<ErrorAnswer['error']> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const { error } = JSON.parse(text) as ErrorAnswer;
  assert.equal(error.code, code, text);
  assert.equal(error.request_id, response.headers.get('x-request-id'));
  assert.ok(error.message.length > 10);
  assert.doesNotMatch(
    text,
    /node_modules|\.ts:\d|\/src\/|at async/,
    'an error shows nothing of the server',
  );
  return error;
}

/** Waits for what has to happen; the deadline is for what never does, and leaves a busy machine its time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
