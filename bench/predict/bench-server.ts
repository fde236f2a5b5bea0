import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ModelVersion } from '../../src/protocol/model-version.ts';

/** A real server that asks for accounts, and a key to it. */
export interface BenchServer {
  readonly port: number;
  readonly key: string;
  readonly stop: () => Promise<void>;
}

export interface BenchServerOptions {
  /** Its data and models. */
  readonly folder: string;
  /** Where it leaves CPU profiles when it ends. */
  readonly profiles?: string | undefined;
}

const email = 'bench@example.org';
const password = 'correct horse battery staple';

/** Starts the server on a free port and makes the first account and its API key. */
export async function startBenchServer(options: BenchServerOptions): Promise<BenchServer> {
  const child = launch(options);
  try {
    const port = await announcedPort(child);
    await ready(port);
    const key = await newKey(port);
    return { port, key, stop: () => stopped(child) };
  } catch (error) {
    await stopped(child);
    throw error;
  }
}

function launch({ folder, profiles }: BenchServerOptions): ChildProcess {
  return fork(new URL('../../src/cli/main.ts', import.meta.url), ['serve'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      FOVEA_DATA_DIR: folder,
      FOVEA_MODELS_DIR: join(folder, '.models'),
      FOVEA_AUTH: 'required',
      FOVEA_REGISTRATION: 'open',
    },
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    execArgv: profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`],
  });
}

async function announcedPort(child: ChildProcess): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = /http:\/\/[^:\s]+:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`The server ended: ${text}`)));
  });
}

async function ready(port: number): Promise<void> {
  for (let i = 0; i < 1200; i += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    const state = (await answer?.json()) as { ready: boolean; degraded: string[] } | undefined;
    if (state?.ready && state.degraded.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The server is not ready.');
}

async function newKey(port: number): Promise<string> {
  await post(port, 'auth/register', { email, password });
  const { access_token: token } = await post(port, 'auth/login', { email, password });
  const { key } = await post(
    port,
    'api-keys',
    { name: 'bench', scopes: ['predict', 'models:read', 'models:write'] },
    { authorization: `Bearer ${String(token)}` },
  );
  return String(key);
}

async function post(
  port: number,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** Uploads an ONNX file; resolves with the id of its model. */
export async function upload(
  { port, key }: BenchServer,
  name: string,
  bytes: Buffer<ArrayBuffer>,
): Promise<string> {
  const form = new FormData();
  form.set('name', name);
  form.set('file', new Blob([bytes]), `${name}.onnx`);
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/models/upload`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: form,
  });
  if (response.status !== 201) throw new Error(await response.text());
  return ((await response.json()) as ModelVersion).id;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
