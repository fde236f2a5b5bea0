import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A real server in a process of its own, with folders that go with it. */
export interface StartedServer {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process until `ready` was true. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

const startLimitMs = 120_000;

/** @param models a folder of model files to use, and to keep afterwards */
export async function startServer(
  settings: Readonly<Record<string, string>> = {},
  models?: string,
): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
  const started = performance.now();
  const bin = fileURLToPath(new URL('../../bin/fovea.js', import.meta.url));
  const child = spawn(process.execPath, [bin, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      LOG_LEVEL: 'fatal',
      FOVEA_MODELS_DIR: models ?? join(folder, 'models'),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'close');
      child.kill('SIGTERM');
      await gone;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const url = await polled(() => /API +(http:\/\/\S+)\/api\/v1/.exec(text)?.[1]);
    const readyMs = await polled(async () => {
      const ready = await fetch(`${url}/health/ready`).catch(() => undefined);
      const state = (await ready?.json()) as { ready: boolean; degraded: string[] } | undefined;
      return state?.ready === true ? performance.now() - started : undefined;
    });
    await polled(async () => {
      const live = await fetch(`${url}/health/live`);
      return live.headers.has('fovea-degraded') ? undefined : true;
    });
    return { url, pid: child.pid ?? 0, readyMs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function polled<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('the server did not start');
    await sleep(50);
  }
}
