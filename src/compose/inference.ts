import { join } from 'node:path';
import { childEnvironment, type Config } from '../config.ts';
import type { OnDependency } from '../dependencies/dependency.ts';
import { Engine, type GroupEvent } from '../engine/engine.ts';
import type { AnalyzeOutput } from '../engine/tasks.ts';
import { packSuite } from '../faces/active-suite.ts';
import { FaceAnalyzer } from '../faces/face-analyzer.ts';
import { Analyzer, type Finding, visionGroup } from '../images/analyzer.ts';
import { userModelGroups } from './user-models.ts';
import type { ImportTfjs } from '../models/bring-file.ts';
import { ModelPuller } from '../models/model-puller.ts';
import { ModelRegistry } from '../models/model-registry.ts';
import { ModelStore } from '../models/model-store.ts';
import { composeEmbeddings } from './embeddings.ts';
import { composeModelSources, modelsInUse } from './model-sources.ts';
import type { EmbeddingService } from '../embeddings/embedding-service.ts';
import { SetupEvents } from '../setup/setup-events.ts';
import { Setup } from '../setup/setup.ts';
import { ResultCache } from '../store/result-cache.ts';

/** Everything between an image's bytes and what is found in it; the same for the server and the command line. */
export interface Inference {
  readonly engine: Engine;
  readonly importTfjs: ImportTfjs;
  readonly store: ModelStore;
  readonly registry: ModelRegistry;
  readonly setup: Setup;
  readonly setupEvents: SetupEvents;
  readonly puller: ModelPuller;
  readonly cache: ResultCache<AnalyzeOutput>;
  readonly analyzer: Analyzer;
  readonly faces: FaceAnalyzer;
  readonly embeddings: EmbeddingService;
  /** Stops downloads, whose parts stay, and ends the workers. */
  readonly close: () => Promise<void>;
}

export interface InferenceHooks {
  readonly onExit: (event: GroupEvent & { type: 'exit' }) => void;
  readonly onBrokenManifest: (place: string, reason: string) => void;
  readonly onDependency?: OnDependency;
  readonly onFinding: (finding: Finding) => void;
  /** Each request that gets to a worker, with the milliseconds that it waited. */
  readonly onDispatch?: (group: string, waitedMs: number) => void;
}

/** Models are converted here; the group ends with the setup, and its memory with it. */
const importGroup = 'import';
const importTimeoutMs = 600_000;
/** Files that wait to be converted: as many as a models folder may name, however few requests may wait. */
const importQueue = 10_000;

const workerEntry = new URL('../worker/main.ts', import.meta.url);

/** Builds the inference side. Workers start with the first work or model; models come with `setup.start()`. */
export function composeInference(
  config: Config,
  workers: number,
  hooks: InferenceHooks,
): Inference {
  const engine = new Engine({
    worker: { entry: workerEntry, environment: childEnvironment() },
    workers,
    concurrency: config.FOVEA_CONCURRENCY,
    queueLimit: config.FOVEA_QUEUE_LIMIT,
    stuckAfterMs: config.FOVEA_REQUEST_TIMEOUT,
    workerMemory: config.FOVEA_WORKER_MEMORY,
    workerAgeMs: config.FOVEA_WORKER_MAX_AGE,
    workerAnswers: config.FOVEA_WORKER_MAX_REQUESTS,
    ...(hooks.onDispatch ? { onDispatch: hooks.onDispatch } : {}),
    groups: {
      [importGroup]: { workers: 1, queueLimit: importQueue, stuckAfterMs: importTimeoutMs },
      ...userModelGroups(config),
    },
    onEvent: (event) => {
      if (event.type === 'exit') hooks.onExit(event);
      if (event.type === 'breaker')
        hooks.onDependency?.('model', event.state, `${event.group}: ${event.reason}`);
      registry.changed();
    },
  });
  const importTfjs: ImportTfjs = async (input) =>
    (await engine.run(importGroup, 'import-tfjs', input, { timeoutMs: importTimeoutMs })).output;
  const { hub, ledger, mayUse } = composeModelSources(config, hooks.onDependency);
  const store = new ModelStore(config.FOVEA_MODELS_DIR, importTfjs, hub);
  const registry: ModelRegistry = new ModelRegistry({
    store,
    engine,
    catalog: modelsInUse(config),
    onBroken: hooks.onBrokenManifest,
    activePack: config.FOVEA_FACE_PACK,
    mayUse,
    workerMemory: config.FOVEA_WORKER_MEMORY,
    idleMs: config.FOVEA_MODEL_IDLE,
  });
  const cache = new ResultCache<AnalyzeOutput>(
    config.FOVEA_RESULT_CACHE,
    (output) => JSON.stringify(output).length,
  );
  const analyzer = new Analyzer({
    engine,
    cache,
    limits: { maxPixels: config.FOVEA_MAX_IMAGE_PIXELS, formats: config.FOVEA_IMAGE_FORMATS },
    timeoutMs: config.FOVEA_REQUEST_TIMEOUT,
    modelsKey: () => registry.key,
    suite: () => packSuite(registry, visionGroup),
    onFinding: hooks.onFinding,
  });
  const setup = new Setup({
    registry,
    store,
    ledger,
    activePacks: [config.FOVEA_FACE_PACK, config.FOVEA_CLIP_PACK],
    onFilesBrought: () => engine.end(importGroup),
  });
  return {
    engine,
    importTfjs,
    store,
    registry,
    setup,
    setupEvents: new SetupEvents(registry, setup),
    puller: new ModelPuller(hub, join(config.FOVEA_MODELS_DIR, '.pulled')),
    cache,
    analyzer,
    close: async () => {
      registry.close();
      engine.close();
      await hub.close();
    },
    embeddings: composeEmbeddings(config, { engine, models: registry }),
    faces: new FaceAnalyzer({
      engine,
      models: registry,
      limits: { maxPixels: config.FOVEA_MAX_IMAGE_PIXELS, formats: config.FOVEA_IMAGE_FORMATS },
      timeoutMs: config.FOVEA_REQUEST_TIMEOUT,
    }),
  };
}
