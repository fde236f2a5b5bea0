import type { Config } from '../config.ts';
import { Health } from '../health/health.ts';
import { buildApp } from '../http/app.ts';
import type { App } from '../http/app-deps.ts';
import { ByteBudget } from '../http/byte-budget.ts';
import { visionGroup } from '../images/analyzer.ts';
import { ImageService } from '../images/image-service.ts';
import { testInference } from '../self-test.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { tagLabels } from './embeddings.ts';
import { composeFoundation, type Foundation } from './foundation.ts';
import { composeLimits } from './limits.ts';
import { composeServices, type Services } from './services.ts';
import { appOptions, imageInput, validationRules } from './server-options.ts';

/** The whole server, made but not started: nothing listens, nothing is connected, no model is loaded. */
export interface ComposedServer {
  readonly foundation: Foundation;
  readonly services: Services;
  readonly health: Health;
  readonly app: App;
  /** Writes what waits for the database. */
  readonly flush: () => Promise<void>;
}

/** @throws ConfigError for a file of labels that is none. */
export async function composeServer(config: Config, logger: Logger): Promise<ComposedServer> {
  tagLabels(config); // what is wrong with them is said before anything is open
  const foundation = await composeFoundation(config, logger, {
    metrics: () => metrics,
    onRedisLost: () => services.sessions.redisLost(),
    onDatabaseUp: () => databaseUp(services, flush),
  });
  const services = await composeServices(foundation);
  const flush = async (): Promise<void> => {
    const writes = [foundation.library.flush(), services.accounts.flush()];
    for (const result of await Promise.allSettled(writes))
      if (result.status === 'rejected')
        logger.debug({ reason: String(result.reason) }, 'records wait for the database');
  };
  const uploads = new ByteBudget(config.FOVEA_UPLOAD_MEMORY);
  const health = composeHealth(foundation);
  const metrics = composeMetrics(foundation, services, uploads, () => health.ready().ready);
  const app = await composeApp(foundation, services, { metrics, health, uploads });
  return { foundation, services, health, app, flush };
}

/** What waited for the database goes on; what fails now is tried again by itself. */
function databaseUp(services: Services, flush: () => Promise<void>): void {
  void flush();
  services.userModels.warm().catch(() => undefined);
  services.userModels.purger.sweep().catch(() => undefined); // again within the hour
  services.jobs.start();
  services.faces.start();
}

function composeHealth({
  config,
  inference,
  degradations,
  database,
  blobs,
  redis,
}: Foundation): Health {
  return new Health({
    registry: inference.registry,
    degradations,
    queue: () => {
      const vision = inference.engine.stats().get(visionGroup);
      return {
        waiting: vision?.queued ?? 0,
        limit: vision?.queueLimit ?? config.FOVEA_QUEUE_LIMIT,
        running: vision?.running ?? 0,
      };
    },
    probes: {
      inference: (signal) => testInference(inference.engine, signal),
      database: (signal) => database.ping(signal),
      storage: () => blobs.store.probe(),
      redis: redis && (() => redis.ping()),
    },
  });
}

function composeMetrics(
  { inference, database, degradations, blobs }: Foundation,
  { accounts, userModels, predictions, sessions }: Services,
  uploads: ByteBudget,
  ready: () => boolean,
): Metrics {
  return new Metrics({
    groups: () => inference.engine.stats(),
    models: () => inference.registry.list(),
    cache: () => inference.cache.stats,
    predictionCache: userModels.cacheLookups,
    uploadBytes: () => uploads.used,
    access: () => ({ logins: accounts.logins.attempts, ...accounts.authenticator.stats }),
    predictionLog: () => predictions.log.stats,
    databaseUp: () => database.state.status === 'up',
    ready,
    sessions: sessions.sources,
    dependencies: () => degradations.states(),
    imageSpool: blobs.waiting,
  });
}

interface AppParts {
  readonly metrics: Metrics;
  readonly health: Health;
  readonly uploads: ByteBudget;
}

async function composeApp(
  { config, logger, redis, inference, library, degradations }: Foundation,
  { faces, predictions, ...services }: Services,
  { metrics, health, uploads }: AppParts,
): Promise<App> {
  const { registry, analyzer, embeddings, setup, setupEvents, puller } = inference;
  const images = new ImageService(
    library,
    analyzer,
    validationRules(config),
    (task) => registry.lost(task),
    embeddings,
  );
  return await buildApp({
    ...services,
    options: appOptions(config),
    logger,
    metrics,
    rateLimits: composeLimits(config, redis),
    admission: inference.engine,
    imageInput: imageInput(config, uploads),
    images,
    embeddings,
    library,
    registry,
    setup,
    setupEvents,
    puller,
    health,
    degradations,
    faces: inference.faces,
    collections: faces,
    predictions: predictions.table,
    analytics: predictions.analytics,
  });
}
