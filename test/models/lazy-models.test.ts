import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bigManifest, bigModel } from '../support/big-model.ts';
import {
  assertError,
  form,
  photo,
  startTestServer,
  until,
  type TestServer,
} from '../support/server.ts';
import { descendants, isAlive } from '../cli/process.ts';

interface Shown {
  readonly name: string;
  readonly state: string;
  readonly load: string;
  readonly reason?: string;
  readonly error?: { readonly code: string };
}

/** Resident memory of this process's children, all together, in bytes. */
function treeMemory(): number {
  return descendants(process.pid).reduce((sum, pid) => {
    try {
      const [, kilobytes] =
        /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return sum + Number(kilobytes ?? 0) * 1024;
    } catch {
      return sum; // it ended meanwhile
    }
  }, 0);
}

describe('models that are loaded on first use', () => {
  let server: TestServer;
  let files: string;
  let modelPath: string;

  before(async () => {
    files = await mkdtemp(join(tmpdir(), 'fovea-big-'));
    const models = join(files, 'models');
    const file = join(files, 'big.onnx');
    await writeFile(file, bigModel());
    for (const [name, source] of [
      ['big', `file:${file}`],
      ['gone', `file:${join(files, 'nowhere.onnx')}`],
    ] as const) {
      const directory = join(models, name, '1');
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'manifest.json'), JSON.stringify(bigManifest(name, source)));
    }
    modelPath = join(models, 'big', '1', 'model.onnx');
    server = await startTestServer({
      FOVEA_MODELS_DIR: models,
      FOVEA_WORKERS: '1',
      FOVEA_MODEL_IDLE: '5s',
    });
  });

  after(async () => {
    await server.close();
    await rm(files, { recursive: true, force: true });
  });

  const shown = async (name: string): Promise<Shown | undefined> => {
    const health = (await (await server.fetch('/health')).json()) as { models: Shown[] };
    return health.models.find((model) => model.name === name);
  };
  const classify = async (model: string): Promise<Response> =>
    await server.fetch(`/api/v1/classify?model=${model}`, {
      method: 'POST',
      body: form(await photo('coffee.png')),
    });

  it('do not hold up the start, nor its readiness', async () => {
    assert.equal((await server.fetch('/health/ready')).status, 200);
    assert.equal((await shown('big'))?.load, 'lazy');
    assert.equal((await shown('big'))?.state, 'absent');
  });

  it('come once for all who ask at the same time, and give their memory back when idle', async (t) => {
    const idle = treeMemory();
    const answers = await Promise.all([1, 2, 3, 4].map(async () => classify('big')));
    for (const answer of answers) {
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      assert.match(text, /"big"/);
    }
    assert.equal((await shown('big'))?.state, 'ready');
    const workers = server.inference.engine.stats().get('big')?.workers;
    assert.equal(workers?.length, 1, 'one process, however many the other groups have');
    const loaded = treeMemory();
    assert.ok(loaded - idle > 100e6, `${loaded - idle} bytes more for weights of 112 MB`);

    await until('it is unloaded', async () => (await shown('big'))?.state === 'present');
    await until(
      'its process is gone',
      () => workers?.every(({ pid }) => !isAlive(pid ?? 0)) ?? false,
    );
    await until('its memory is back', () => treeMemory() < loaded - 100e6);
    t.diagnostic(
      `resident memory of all workers: ${Math.round(idle / 1e6)} MB before, ${Math.round(loaded / 1e6)} MB loaded, ${Math.round(treeMemory() / 1e6)} MB after`,
    );
    assert.equal((await server.fetch('/health/ready')).status, 200);
    assert.equal((await classify('big')).status, 200, 'and it comes again');
  });

  it('whose files cannot be had say so, and everything else goes on', async () => {
    const error = await assertError(await classify('gone'), 503, 'MODEL_UNAVAILABLE');
    assert.equal(error.details['cause'], 'MODEL_UNAVAILABLE');
    const model = await shown('gone');
    assert.equal(model?.state, 'failed');
    assert.match(String(model?.reason), /does not exist/);
    assert.equal((await server.fetch('/health/ready')).status, 200);
    const detected = await server.fetch('/api/v1/detect', {
      method: 'POST',
      body: form(await photo('coffee.png')),
    });
    assert.equal(detected.status, 200);
  });

  it('heal when their file was damaged where nobody looked', async () => {
    await until('it is unloaded', async () => (await shown('big'))?.state === 'present');
    const whole = await readFile(modelPath);
    const time = new Date('2026-01-01T00:00:00Z');
    await utimes(modelPath, time, time);
    // The record of its time follows; then it is damaged, and keeps size and time.
    await server.inference.store.ensure(server.inference.registry.manifestOf('big'));
    await writeFile(modelPath, Buffer.alloc((await stat(modelPath)).size, 0xff));
    await utimes(modelPath, time, time);
    const answer = await classify('big');
    assert.equal(answer.status, 200, await answer.text());
    assert.ok((await readFile(modelPath)).equals(whole));
  });
});
