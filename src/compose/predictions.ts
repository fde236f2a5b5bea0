import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Analytics } from '../analytics/analytics.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { Journal } from '../db/journal.ts';
import { PredictionDrift } from '../db/prediction-drift.ts';
import { PredictionPartitions } from '../db/prediction-partitions.ts';
import { PredictionRollups } from '../db/prediction-rollups.ts';
import { PredictionSums } from '../db/prediction-sums.ts';
import { PredictionTable, type PredictionText } from '../db/predictions.ts';
import { JournaledPredictions, journaledPrediction } from '../predict/journaled-predictions.ts';
import { PredictionKeeper } from '../predict/prediction-keeper.ts';
import type { PredictionRecord } from '../predict/prediction-record.ts';
import type { Logger } from '../telemetry/logger.ts';

/** The prediction log and what is read from it. */
export interface LoggedPredictions {
  readonly log: JournaledPredictions;
  readonly table: PredictionTable;
  readonly analytics: Analytics;
  /** Begins the chores. */
  readonly start: () => void;
  /** Writes what waits as far as it goes quickly; the rest is on the disk. */
  readonly stop: () => Promise<void>;
}

/** A file is read back at once: small ones do not hold up the event loop. */
const segmentBytes = 256 * 1024;
const choreLimitMs = 5_000;

export async function composePredictions(
  config: Config,
  database: Database,
  logger: Logger,
): Promise<LoggedPredictions> {
  const partitions = new PredictionPartitions(database);
  const rollups = new PredictionRollups(database);
  const table = new PredictionTable(database, partitions);
  const journal = await Journal.open<PredictionText, PredictionRecord>({
    directory: join(config.FOVEA_DATA_DIR, 'prediction-journal'),
    maxBytes: config.FOVEA_PREDICTION_JOURNAL,
    segmentBytes,
    parse: journaledPrediction,
    onDamage: (path, lines) =>
      logger.warn({ path, lines }, 'lines of the prediction journal could not be read'),
  });
  const log = new JournaledPredictions({
    journal,
    sink: table,
    onTrouble: (stats, cause) =>
      logger.warn({ stats, reason: String(cause) }, 'predictions are not logged'),
  });
  const keeper = new PredictionKeeper({
    partitions,
    rollups,
    flush: () => log.flush(),
    retentionMs: config.FOVEA_PREDICTION_RETENTION,
    onFailure: (task, error) =>
      logger.debug({ task, reason: String(error) }, 'the prediction log waits for the database'),
  });
  const analytics = new Analytics({
    sums: new PredictionSums(database),
    drift: new PredictionDrift(database),
    predictions: table,
  });
  return {
    log,
    table,
    analytics,
    start: () => keeper.start(),
    stop: async () => {
      await Promise.race([keeper.stop(), sleep(choreLimitMs, undefined, { ref: false })]);
      await log.close();
    },
  };
}
