import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { childEnvironment } from '../../src/config.ts';
import { Engine, type EngineOptions, type GroupEvent } from '../../src/engine/engine.ts';
import type { AnalyzeInput, Want } from '../../src/engine/tasks.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { modelDigest, ModelStore } from '../../src/models/model-store.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { until } from './server.ts';

export interface TestEngine {
  readonly engine: Engine;
  readonly exits: (GroupEvent & { type: 'exit' })[];
  /** Process ids of the workers that take work. */
  readonly pids: () => number[];
}

/** An engine with real worker processes and a real model, warmed up, ended with the test. */
export async function startTestEngine(
  t: TestContext,
  options: Partial<EngineOptions> = {},
  manifest: ModelManifest = blazeface256,
): Promise<TestEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-engine-'));
  const exits: TestEngine['exits'] = [];
  const engine = new Engine({
    worker: {
      entry: new URL('../../src/worker/main.ts', import.meta.url),
      environment: childEnvironment(),
    },
    workers: 2,
    queueLimit: 100,
    stuckAfterMs: 120_000,
    workerMemory: 2e9,
    onEvent: (event) => {
      if (event.type === 'exit') exits.push(event);
    },
    ...options,
  });
  t.after(async () => {
    engine.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const store = new ModelStore(directory);
  await store.ensure(manifest);
  engine.load({ manifest, digest: modelDigest(manifest), directory: store.directoryOf(manifest) });
  const workers = (): { pid: number | undefined; state: string }[] => [
    ...(engine.stats().get(manifest.group)?.workers ?? []),
  ];
  const pids = (): number[] =>
    workers().flatMap(({ pid, state }) => (pid !== undefined && state === 'open' ? [pid] : []));
  await until('every worker', () => pids().length === (options.workers ?? 2));
  return { engine, exits, pids };
}

/** An engine whose groups start when they are used, without any model; ended with the test. */
export function startBareEngine(t: TestContext, options: Partial<EngineOptions> = {}): Engine {
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
    ...options,
  });
  t.after(() => engine.close());
  return engine;
}

let serial = 0;

/** The work of analysing an image; each call counts as another image, so that nothing is shared. */
export function analyzeInput(image: Uint8Array, want: readonly Want[] = ['faces']): AnalyzeInput {
  serial += 1;
  const imageKey = createHash('sha256').update(`${serial}`).digest('hex');
  return { image, imageKey, want, limits: { maxPixels: 40e6, formats: ['png', 'jpeg'] } };
}
