import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { ImageTable } from '../db/images.ts';
import { Journal } from '../db/journal.ts';
import { Degradations } from '../dependencies/degradations.ts';
import { ImageLibrary, journaledImage } from '../images/image-library.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { composeBlobs } from './blobs.ts';
import { composeDatabase } from './database.ts';
import { composeRedis, logDependency, WatchedDatabase } from './dependencies.ts';
import { composeInference, type Inference } from './inference.ts';

/** What parts made first have to tell to parts made later. Called only after the server has started. */
export interface FoundationHooks {
  readonly metrics: () => Metrics;
  readonly onRedisLost: () => void;
  readonly onDatabaseUp: () => void;
}

export type Foundation = Awaited<ReturnType<typeof composeFoundation>>;

const journalBytes = 64 * 1024 * 1024;

/** What everything else stands on: databases, stores, the images in them, and inference. Nothing is connected yet. */
export async function composeFoundation(config: Config, logger: Logger, hooks: FoundationHooks) {
  const { metrics } = hooks;
  const degradations = new Degradations();
  const redis = composeRedis(config, logger, degradations, metrics, hooks.onRedisLost);
  const database = openDatabase(config, logger, degradations, hooks.onDatabaseUp);
  const inference = inferenceWithTelemetry(config, logger, metrics);
  degradations.watch('model', () => inference.engine.breaker, 'some');
  degradations.watch('hub', () => inference.store.hub.state, 'some');
  const blobs = await composeBlobs(config, logger, degradations, (operation, ms, ok) =>
    metrics().work.blobOperation(operation, ms, ok),
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
  return {
    config,
    logger,
    metrics,
    degradations,
    redis,
    database,
    inference,
    blobs,
    journal,
    library,
  };
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
