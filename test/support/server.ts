import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { readConfig } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/main.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

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
  const server = await listeningTestServer(settings);
  await server.settled;
  const degraded = async (): Promise<unknown[]> =>
    ((await (await server.fetch('/health/ready')).json()) as { degraded: unknown[] }).degraded;
  await until('the database', async () => (await degraded()).length === 0);
  return server;
}

/** The same as soon as it listens: models and database are on their way. */
export async function listeningTestServer(
  settings: Record<string, string> = {},
): Promise<TestServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'fovea-data-'));
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
