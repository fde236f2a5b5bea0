import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { emotion } from '../../src/models/catalog/emotion.ts';
import { catalog } from '../../src/models/catalog/index.ts';
import { liveness } from '../../src/models/catalog/liveness.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { classifyImage } from '../../src/worker/image-classification.ts';
import { ModelHost } from '../../src/worker/model-host.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { decode } from '../../src/vision/decode.ts';
import { bytesOf } from '../support/catalog-models.ts';
import { astronaut, LIMITS } from '../vision/image-files.ts';

const root = await mkdtemp(join(tmpdir(), 'fovea-host-'));
after(() => rm(root, { recursive: true, force: true }));

let serial = 0;
async function specOf(manifest: ModelManifest, changes: Partial<ModelManifest> = {}) {
  const directory = await mkdtemp(join(root, `${(serial += 1)}-`));
  await writeFile(join(directory, 'model.onnx'), await bytesOf(manifest));
  return { manifest: { ...manifest, ...changes }, directory, digest: '' };
}

describe('ModelHost', () => {
  for (const manifest of catalog) {
    it(`opens, warms up and gives ${manifest.name}`, async () => {
      const host = new ModelHost();
      assert.ok((await host.load(await specOf(manifest))) > 0);
      assert.equal(host.forTask(manifest.task).spec.manifest.name, manifest.name);
    });
  }

  it('gives the first model for a task, and another one by name', async () => {
    const host = new ModelHost();
    await host.load(await specOf(emotion));
    await host.load(await specOf(emotion, { name: 'moods' }));
    assert.equal(host.forTask('face-emotion').spec.manifest.name, 'emotion');
    assert.equal(host.forTask('face-emotion', 'moods').spec.manifest.name, 'moods');
    for (const [task, name] of [
      ['face-emotion', 'else'],
      ['face-mesh', 'moods'],
      ['face-mesh', undefined],
    ] as const) {
      assert.throws(() => host.forTask(task, name), { code: 'MODEL_UNAVAILABLE' });
    }
  });

  it('refuses a manifest that lies, says so to who asks, and goes on with the model before', async () => {
    const host = new ModelHost();
    const lies: Partial<ModelManifest>[] = [
      { labels: ['live', 'spoof', 'else'] },
      { labels: ['real', 'fake'] },
      { input: { ...liveness.input, width: 64, height: 64 } },
      { input: { ...liveness.input, name: 'image' } },
      { output: { decoder: 'classes', scores: 'nothing', activation: 'none' } },
      { output: { decoder: 'rows', boxes: 'Identity' } },
      { task: 'face-mesh' },
    ];
    for (const lie of lies) {
      await assert.rejects(host.load(await specOf(liveness, lie)), { code: 'MODEL_INVALID' });
      assert.throws(() => host.forTask(lie.task ?? 'face-liveness'), {
        code: 'MODEL_UNAVAILABLE',
        message: /Output|input|labels|decoder|manifest/,
      });
    }
    await host.load(await specOf(liveness));
    await assert.rejects(host.load(await specOf(liveness, { labels: ['live'] })));
    assert.equal(host.forTask('face-liveness').spec.manifest.labels?.length, 2);
  });
});

describe('classifyImage', () => {
  it('gives the best classes of the whole picture, as many as are asked for', async () => {
    const host = new ModelHost();
    await host.load(await specOf(emotion, { task: 'image-classification', name: 'moods' }));
    const pixels = await decode(astronaut, LIMITS);
    const model = host.forTask('image-classification');
    const all = await classifyImage(pixels, model, new StageClock(), 100);
    assert.deepEqual(all.map(({ label }) => label).sort(), [...(emotion.labels ?? [])].sort());
    assert.deepEqual(
      all,
      all.toSorted((a, b) => b.score - a.score),
    );
    assert.ok(Math.abs(all.reduce((sum, { score }) => sum + score, 0) - 1) < 0.001);
    const top = await classifyImage(pixels, model, new StageClock(), 2);
    assert.deepEqual(top, all.slice(0, 2));
  });
});
