import { join } from 'node:path';
import type { Audit } from '../accounts/audit.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { ModelAliasTable } from '../db/model-aliases.ts';
import { ModelVersionTable } from '../db/model-versions.ts';
import { ModelTable } from '../db/models.ts';
import type { Engine, EngineOptions } from '../engine/engine.ts';
import type { ModelCacheLimits } from '../engine/tabular-tasks.ts';
import type { UserModels } from '../http/app-deps.ts';
import { ModelDirectory } from '../models/model-directory.ts';
import { ModelFiles } from '../models/model-files.ts';
import { importGroup, ModelImporter } from '../models/model-importer.ts';
import { ModelLibrary } from '../models/model-library.ts';
import { ModelMemory } from '../models/model-memory.ts';
import { ModelPurger } from '../models/model-purger.ts';
import { VersionHolds } from '../models/version-holds.ts';
import { NamedVersions } from '../models/named-versions.ts';
import { ownVisionGroup } from '../objects/object-service.ts';
import { OwnVisionMemory } from '../objects/own-vision-memory.ts';
import { ModelPublisher } from '../models/model-publisher.ts';
import { ModelRunner, tabularGroups } from '../predict/model-runner.ts';
import { MemoryPredictionCache, type PredictionCache } from '../predict/prediction-cache.ts';
import type { PredictionLog } from '../predict/prediction-record.ts';
import { RedisPredictionCache } from '../predict/redis-prediction-cache.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { PredictService } from '../predict/predict-service.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { SampleCheck } from '../predict/sample-check.ts';

/** Uploads that are received and imported at a time; each waits for its turn in the importer. */
const mostUploads = 64;
/** Jobs of small models are done before the next one has travelled: a worker holds a few. */
const tabularJobs = 4;
const tabularQueue = 1_000;
/** How long the deletion of a version's files waits for requests with it, and for the workers to let go of it. */
const purgePatienceMs = 5_000;

/** How the groups of user's models differ from the others. */
export function userModelGroups(config: Config): NonNullable<EngineOptions['groups']> {
  const tabular = {
    workers: 1,
    jobsPerWorker: tabularJobs,
    queueLimit: Math.max(tabularQueue, config.FOVEA_QUEUE_LIMIT),
    workerMemory: config.FOVEA_MODEL_CACHE + config.FOVEA_WORKER_MEMORY,
  };
  return {
    ...Object.fromEntries(
      tabularGroups(config.FOVEA_TABULAR_WORKERS).map((group) => [group, tabular]),
    ),
    [ownVisionGroup]: { workerMemory: config.FOVEA_MODEL_CACHE + config.FOVEA_WORKER_MEMORY },
    [importGroup]: {
      workers: 1,
      jobsPerWorker: 1,
      // A file that ends the process says nothing of the next one.
      crashLimit: Number.POSITIVE_INFINITY,
      queueLimit: mostUploads,
      stuckAfterMs: config.FOVEA_IMPORT_TIMEOUT,
    },
  };
}

/** The registry of uploaded models and everything that predicts with them. */
export function composeUserModels(
  config: Config,
  database: Database,
  engine: Engine,
  log: PredictionLog,
  redis: RedisConnection | undefined,
  {
    audit,
    logger,
    metrics,
  }: { readonly audit: Audit; readonly logger: Logger; readonly metrics: () => Metrics },
): UserModels {
  const tables = {
    models: new ModelTable(database),
    versions: new ModelVersionTable(database),
    aliases: new ModelAliasTable(database),
  };
  const files = new ModelFiles(join(config.FOVEA_DATA_DIR, 'models'));
  const directory = new ModelDirectory(tables);
  const importer = new ModelImporter({
    engine,
    timeoutMs: config.FOVEA_IMPORT_TIMEOUT,
    processBytes: config.FOVEA_IMPORT_MEMORY,
  });
  const timeoutMs = config.FOVEA_REQUEST_TIMEOUT;
  const limits = modelCacheLimits(config);
  const runner = new ModelRunner({
    engine,
    processes: config.FOVEA_TABULAR_WORKERS,
    timeoutMs,
    onBatch: (requests) => metrics().work.batch(requests),
    limits,
  });
  const holds = new VersionHolds();
  const { cache, lookups } = predictionCache(config, redis);
  const predictions = new PredictService({
    directory,
    files,
    holds,
    runner,
    cache,
    log,
    maxRows: config.FOVEA_MAX_PREDICT_ROWS,
  });
  const library = new ModelLibrary(tables, directory);
  const purger = new ModelPurger({
    ...tables,
    files,
    library,
    directory,
    holds,
    audit,
    unload: async (key) => await unloadEverywhere(engine, key),
    retentionMs: config.FOVEA_ARCHIVE_RETENTION,
    patienceMs: purgePatienceMs,
    onTrouble: (error) =>
      logger.warn({ reason: String(error) }, 'files of a purged model wait for their deletion'),
  });
  return {
    library,
    holds,
    purger,
    versions: new NamedVersions(directory, tables.models),
    publisher: new ModelPublisher({
      ...tables,
      files,
      importer,
      samples: new SampleCheck(importer),
    }),
    predictions,
    memory: new ModelMemory({
      directory,
      holds,
      rows: predictions.memory,
      pictures: new OwnVisionMemory({ engine, files, limits, timeoutMs }),
    }),
    files,
    upload: { files, maxBytes: config.FOVEA_MAX_MODEL_BYTES, mostUploads },
    maxPredictBytes: config.FOVEA_MAX_PREDICT_BYTES,
    cacheLookups: lookups,
    warm: async () => {
      const { items } = await tables.models.list({ limit: 1 });
      if (items.length > 0) runner.warm();
    },
  };
}

/** What a process that runs users' models may hold. */
export function modelCacheLimits(config: Config): ModelCacheLimits {
  return {
    bytes: config.FOVEA_MODEL_CACHE,
    models: config.FOVEA_MODEL_CACHE_COUNT,
    // Twice the memory at which an idle process is replaced: a run that gets here is out of hand.
    processBytes: 2 * (config.FOVEA_MODEL_CACHE + config.FOVEA_WORKER_MEMORY),
  };
}

/** Takes a version out of the memory of each process that may have it; one that does not answer loses it with its end. */
async function unloadEverywhere(engine: Engine, key: string): Promise<void> {
  const groups = [...engine.stats().keys()].filter(
    (group) => group === ownVisionGroup || /^tabular(-\d+)?$/.test(group),
  );
  const options = { timeoutMs: purgePatienceMs };
  await Promise.allSettled(
    groups.map(async (group) => await engine.runOnAll(group, 'unload-model', { key }, options)),
  );
}

/** In this process, and behind it in Redis when there is one. */
function predictionCache(
  config: Config,
  redis: RedisConnection | undefined,
): { readonly cache: PredictionCache; readonly lookups: UserModels['cacheLookups'] } {
  const local = new MemoryPredictionCache(config.FOVEA_PREDICTION_CACHE);
  if (redis === undefined) return { cache: local, lookups: () => ({ memory: local.lookups }) };
  const ttlMs = config.FOVEA_PREDICTION_CACHE_TTL;
  const shared = new RedisPredictionCache({ connection: redis, local, ttlMs });
  return { cache: shared, lookups: () => ({ memory: local.lookups, redis: shared.lookups }) };
}
