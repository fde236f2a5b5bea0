import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { banner, firstAccountLine } from './banner.ts';
import { composeInference, type Inference } from './compose/inference.ts';
import { composeAccounts, type RunningAccounts } from './compose/accounts.ts';
import { composeBlobs } from './compose/blobs.ts';
import { composeDatabase } from './compose/database.ts';
import { tagLabels } from './compose/embeddings.ts';
import { composeObjects } from './compose/objects.ts';
import { composeRedis, logDependency, WatchedDatabase } from './compose/dependencies.ts';
import { composeFaces } from './compose/faces.ts';
import { composeJobs } from './compose/jobs.ts';
import { composeLimits } from './compose/limits.ts';
import { composePredictions } from './compose/predictions.ts';
import { composeSessions } from './compose/sessions.ts';
import { composeUserModels } from './compose/user-models.ts';
import { ConfigError, type Config } from './config.ts';
import { claimDataDirectory } from './db/data-directory.ts';
import type { Database } from './db/database.ts';
import { ImageTable } from './db/images.ts';
import { Journal } from './db/journal.ts';
import { Degradations } from './dependencies/degradations.ts';
import { Health } from './health/health.ts';
import { buildApp } from './http/app.ts';
import type { App } from './http/app-deps.ts';
import { ByteBudget } from './http/byte-budget.ts';
import { servedPredictor } from './jobs/served-predictor.ts';
import { ImageLibrary, journaledImage } from './images/image-library.ts';
import { ImageService } from './images/image-service.ts';
import { DegradableDetector } from './objects/degradable-detector.ts';
import { testInference } from './self-test.ts';
import { appOptions, imageInput, validationRules } from './compose/server-options.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';

export interface RunningServer {
  readonly url: string;
  /** The first lines a person sees. */
  readonly banner: string;
  readonly inference: Inference;
  /** Resolves when the first setup is over, well or badly. */
  readonly settled: Promise<void>;
  /** Resolves with how to make the first account, when accounts are needed and there is none. */
  readonly firstAccount: Promise<string | undefined>;
  /** Finishes what is under way, then ends every process it started. With `grace` it waits for balancers first. */
  readonly stop: (grace: boolean) => Promise<void>;
}

const flushEveryMs = 10_000;
const sweepEveryMs = 3_600_000;
const drainLimitMs = 30_000;
const firstAccountTimeoutMs = 120_000;
const journalBytes = 64 * 1024 * 1024;

/**
 * Starts everything and listens. HTTP answers before the database is up and before the models are
 * warm; `/health/ready` tells when a request succeeds.
 * @throws ConfigError for a file of labels that is none
 * @throws FoveaError STORAGE_UNAVAILABLE when another server holds the data directory.
 */
export async function startServer(
  config: Config,
  logger: Logger = createLogger(config.LOG_LEVEL),
): Promise<RunningServer> {
  tagLabels(config); // what is wrong with them is said before anything is open
  const claim = await claimDataDirectory(config.FOVEA_DATA_DIR, { address: `port ${config.PORT}` });
  const degradations = new Degradations();
  let redisLost = (): void => undefined;
  const redis = composeRedis(
    config,
    logger,
    degradations,
    () => metrics,
    () => redisLost(),
  );
  const database = openDatabase(config, logger, degradations, () => {
    void flush();
    userModels.warm().catch(() => undefined);
    userModels.purger.sweep().catch(() => undefined); // again within the hour
    jobs.start();
    faces.start();
  });
  const inference = inferenceWithTelemetry(config, logger, () => metrics);
  degradations.watch('model', () => inference.engine.breaker, 'some');
  degradations.watch('hub', () => inference.store.hub.state, 'some');
  const blobs = await composeBlobs(config, logger, degradations, (operation, ms, ok) =>
    metrics.work.blobOperation(operation, ms, ok),
  );
  const journal = await Journal.open({
    directory: join(config.FOVEA_DATA_DIR, 'journal'),
    maxBytes: journalBytes,
    parse: journaledImage,
  });
  const library = new ImageLibrary({
    blobs: blobs.store,
    table: new ImageTable(database),
    journal,
  });
  const accounts = await composeAccounts(config, database);
  const predictions = await composePredictions(config, database, logger);
  const userModels = composeUserModels(config, database, inference.engine, predictions.log, redis, {
    audit: accounts.audit,
    logger,
    metrics: () => metrics,
  });
  const predictor = servedPredictor(userModels.library, userModels.predictions);
  const jobs = await composeJobs(config, database, predictor, logger);
  const objects = composeObjects(config, inference, userModels);
  const detector = new DegradableDetector({
    objects,
    lost: () => inference.registry.lost('object-detection'),
    onDegraded: () => degradations.note('model'),
  });
  const faces = composeFaces({
    config,
    database,
    accounts,
    inference,
    library,
    storageId: jobs.storageId,
    logger,
  });
  const sessions = await composeSessions({
    config,
    database,
    redis,
    objects: detector,
    library,
    degradations,
    logger,
    metrics: () => metrics,
  });
  ({ redisLost } = sessions);
  const uploads = new ByteBudget(config.FOVEA_UPLOAD_MEMORY);
  const metrics = new Metrics({
    groups: () => inference.engine.stats(),
    models: () => inference.registry.list(),
    cache: () => inference.cache.stats,
    predictionCache: userModels.cacheLookups,
    uploadBytes: () => uploads.used,
    access: () => ({ logins: accounts.logins.attempts, ...accounts.authenticator.stats }),
    predictionLog: () => predictions.log.stats,
    databaseUp: () => database.state.status === 'up',
    ready: () => health.ready().ready,
    sessions: sessions.sources,
    dependencies: () => degradations.states(),
    imageSpool: blobs.waiting,
  });
  const health = new Health({
    registry: inference.registry,
    degradations,
    probes: {
      inference: (signal) => testInference(inference.engine, signal),
      database: (signal) => database.ping(signal),
      storage: () => blobs.store.probe(),
      redis: redis && (() => redis.ping()),
    },
  });
  const app = await buildApp({
    options: appOptions(config),
    logger,
    metrics,
    rateLimits: composeLimits(config, redis),
    accounts,
    imageInput: imageInput(config, uploads),
    images: new ImageService(
      library,
      inference.analyzer,
      validationRules(config),
      (task) => inference.registry.lost(task),
      inference.embeddings,
    ),
    embeddings: inference.embeddings,
    library,
    registry: inference.registry,
    setup: inference.setup,
    setupEvents: inference.setupEvents,
    puller: inference.puller,
    health,
    degradations,
    userModels,
    objects,
    detector,
    sessions,
    faces: inference.faces,
    collections: faces,
    predictions: predictions.table,
    analytics: predictions.analytics,
    jobs,
  });
  const flush = async (): Promise<void> => {
    for (const result of await Promise.allSettled([library.flush(), accounts.flush()]))
      if (result.status === 'rejected')
        logger.debug({ reason: String(result.reason) }, 'records wait for the database');
  };
  const unusedSince = (): Date => new Date(Date.now() - config.FOVEA_IMAGE_TTL);
  const stopTimers = keepHouse(flush, [
    async () => void (await library.removeUnused(unusedSince())),
    accounts.sweep,
    async () => await userModels.purger.sweep(),
  ]);

  await userModels.files.clean();
  const url = await listen(app, config).catch((error: unknown) => {
    stopTimers();
    inference.engine.close();
    claim.release();
    throw error;
  });
  claim.announce(url);
  redis?.start();
  database.start();
  predictions.start();
  sessions.start();
  const settled = inference.setup.start();
  const stop = async (grace: boolean): Promise<void> => {
    health.drain();
    if (grace) await sleep(config.FOVEA_DRAIN_GRACE);
    stopTimers();
    await Promise.race([app.close(), sleep(drainLimitMs, undefined, { ref: false })]);
    await jobs.stop();
    await faces.stop();
    await inference.close();
    await flush();
    await journal.close();
    await predictions.stop();
    await sessions.stop();
    await database.close();
    await redis?.close();
    await blobs.close();
    claim.release();
  };
  return {
    url,
    banner: banner(url, config, inference.registry.list()),
    inference,
    settled,
    firstAccount: firstAccountAdvice(url, config, database, accounts),
    stop,
  };
}

/** Asked once, when the database is up for the first time. */
async function firstAccountAdvice(
  url: string,
  config: Config,
  database: Database,
  accounts: RunningAccounts,
): Promise<string | undefined> {
  if (!accounts.required) return undefined;
  const none = await database
    .ready(firstAccountTimeoutMs)
    .then(accounts.none)
    .catch(() => false);
  return none ? firstAccountLine(url, config) : undefined;
}

function openDatabase(
  config: Config,
  logger: Logger,
  degradations: Degradations,
  onUp: () => void,
): Database {
  const watched = new WatchedDatabase();
  const database = composeDatabase(config, {
    onLine: (line) => logger.debug({ line }, 'postgres'),
    onChange: (state) => {
      watched.changed(state);
      logger[state.status === 'down' ? 'warn' : 'info'](state, 'database');
      if (state.status === 'up') onUp();
    },
  });
  degradations.watch('database', () => watched.stateOf(database));
  return database;
}

function inferenceWithTelemetry(config: Config, logger: Logger, metrics: () => Metrics): Inference {
  return composeInference(config, config.FOVEA_WORKERS, {
    onExit: ({ group, pid, reason, lost, stderr }) => {
      metrics().lostJobs(group, lost);
      logger.warn({ group, pid, reason, lost, stderr }, 'worker ended');
    },
    onDependency: (name, state, reason) => logDependency(logger, name)(state, reason),
    onBrokenManifest: (place, reason) =>
      logger.warn({ place, reason }, 'a manifest in the models folder is not usable'),
    onDispatch: (group, ms) => metrics().work.queueWait(group, ms),
    onFinding: ({ timings: { total: _total, ...stages } }) => metrics().stages(stages),
  });
}

/** Writes what waits for the database and deletes what nobody used for long; returns the way to stop. */
function keepHouse(
  flush: () => Promise<void>,
  sweeps: readonly (() => Promise<void>)[],
): () => void {
  const sweep = (): void => {
    for (const each of sweeps) void each().catch(() => undefined);
  };
  const timers = [setInterval(() => void flush(), flushEveryMs), setInterval(sweep, sweepEveryMs)];
  return () => timers.forEach((timer) => clearInterval(timer));
}

async function listen(app: App, config: Config): Promise<string> {
  await app
    .listen({ host: config.HOST, port: config.PORT })
    .catch((error: NodeJS.ErrnoException) => {
      const advice =
        error.code === 'EADDRINUSE'
          ? 'is in use; set PORT to another one, or to 0 for a free one'
          : `cannot be listened on (${error.code ?? error.message})`;
      throw new ConfigError([`PORT=${config.PORT} on HOST=${config.HOST} ${advice}`]);
    });
  const { address, port, family } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
