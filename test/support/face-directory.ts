import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { childEnvironment } from '../../src/config.ts';
import { Engine } from '../../src/engine/engine.ts';
import { FaceAnalyzer, type Picture } from '../../src/faces/face-analyzer.ts';
import type { FaceModelDirectory } from '../../src/faces/active-suite.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { until } from './server.ts';

/** A manifest and the bytes of its file. */
export interface TestFaceModel {
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
}

/** A face analyzer over a real engine that has these models, ended with the test. */
export async function startFaceAnalyzer(
  t: Pick<TestContext, 'after'>,
  models: readonly TestFaceModel[],
): Promise<{ analyzer: FaceAnalyzer; engine: Engine }> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-face-models-'));
  const engine = new Engine({
    worker: {
      entry: new URL('../../src/worker/main.ts', import.meta.url),
      environment: childEnvironment(),
    },
    workers: 1,
    queueLimit: 100,
    stuckAfterMs: 120_000,
    workerMemory: 2e9,
    onEvent: () => undefined,
  });
  t.after(async () => {
    engine.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const known = await Promise.all(
    models.map(async ({ manifest, bytes }) => {
      const path = `${manifest.name}.onnx`;
      await writeFile(join(directory, path), bytes);
      const digest = createHash('sha256').update(bytes).digest('hex');
      const files = manifest.files.map((file) => ({ ...file, path, sha256: digest }));
      return { manifest: { ...manifest, files }, digest };
    }),
  );
  for (const [rank, { manifest, digest }] of known.entries())
    engine.load({ manifest, digest, directory, rank });
  const stateOf = (manifest: ModelManifest) => engine.modelState(manifest.group, manifest.name);
  await until('every model', () =>
    known.every(({ manifest }) => stateOf(manifest).state !== 'loading'),
  );
  for (const { manifest } of known) {
    const state = stateOf(manifest);
    if (state.state === 'failed') throw new Error(`${manifest.name}: ${state.reason}`);
  }
  return { engine, analyzer: analyzerOver(engine, known) };
}

function analyzerOver(
  engine: Engine,
  known: readonly { readonly manifest: ModelManifest; readonly digest: string }[],
): FaceAnalyzer {
  const models: FaceModelDirectory = {
    list: () => known.map(({ manifest: { name }, digest }) => ({ name, digest, active: true })),
    manifestOf: (name) => {
      const found = known.find(({ manifest }) => manifest.name === name);
      if (!found) throw new Error(`There is no ${name}.`);
      return found.manifest;
    },
    use: (_name, _signal, work) => work(),
  };
  return new FaceAnalyzer({
    engine,
    models,
    limits: { maxPixels: 40e6, formats: ['png', 'jpeg'] },
    timeoutMs: 120_000,
  });
}

export function pictureOf(bytes: Uint8Array): Picture {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
