import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ResolvedVersion } from '../../src/models/model-directory.ts';
import type { ModelFiles } from '../../src/models/model-files.ts';
import { ownVisionGroup } from '../../src/objects/object-service.ts';
import { OwnVisionMemory } from '../../src/objects/own-vision-memory.ts';
import { startBareEngine } from '../support/engine.ts';
import { until } from '../support/server.ts';
import { pictureModel } from '../support/vision-models.ts';

test('a model for pictures is loaded into every worker, and taken out of each', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-own-vision-'));
  t.after(async () => await rm(folder, { recursive: true }));
  const path = join(folder, 'model.onnx');
  await writeFile(path, pictureModel({ scores: { dims: [1, 2], data: [0.9, 0.1] } }));
  const engine = startBareEngine(t, { workers: 2 });
  const memory = new OwnVisionMemory({
    engine,
    files: { servedPath: () => path } as unknown as ModelFiles,
    limits: { bytes: 1e9, models: 10, processBytes: 4e9 },
    timeoutMs: 120_000,
  });
  const version = {
    model: { id: 'model', ownerId: null, name: 'sites' },
    version: { version: 1 },
  } as unknown as ResolvedVersion;
  await memory.unload(version); // nobody has it, and no worker is up

  assert.ok((await memory.load(version)) > 0, 'it was not there');
  await until(
    'both workers',
    () =>
      engine
        .stats()
        .get(ownVisionGroup)
        ?.workers.every(({ state }) => state === 'open') ?? false,
    120_000,
  );
  await memory.load(version);
  assert.equal(await memory.load(version), 0, 'it is in both');
  const drop = async (): Promise<boolean[]> => {
    const answers = await engine.runOnAll(
      ownVisionGroup,
      'unload-model',
      { key: 'model:v1' },
      { timeoutMs: 120_000 },
    );
    return answers.map(({ output }) => output.unloaded);
  };
  assert.deepEqual(await drop(), [true, true]);
  assert.ok((await memory.load(version)) > 0, 'it was in none');
  await memory.unload(version);
  assert.deepEqual(await drop(), [false, false]);
});
