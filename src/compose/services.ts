import { servedPredictor } from '../jobs/served-predictor.ts';
import { DegradableDetector } from '../objects/degradable-detector.ts';
import { composeAccounts } from './accounts.ts';
import { composeFaces } from './faces.ts';
import type { Foundation } from './foundation.ts';
import { composeJobs } from './jobs.ts';
import { composeObjects } from './objects.ts';
import { composePredictions } from './predictions.ts';
import { composeSessions } from './sessions.ts';
import { composeUserModels } from './user-models.ts';

export type Services = Awaited<ReturnType<typeof composeServices>>;

/** What the product does, on its foundation. */
export async function composeServices(foundation: Foundation) {
  const { config, logger, metrics, degradations, redis, database, inference, library } = foundation;
  const accounts = await composeAccounts(config, database);
  const predictions = await composePredictions(config, database, logger);
  const userModels = composeUserModels(config, database, inference.engine, predictions.log, redis, {
    audit: accounts.audit,
    logger,
    metrics,
  });
  const predictor = servedPredictor(userModels.library, userModels.predictions);
  const jobs = await composeJobs(config, database, predictor, logger);
  const objects = composeObjects(config, inference, userModels);
  const detector = new DegradableDetector({
    objects,
    lost: () => inference.registry.lost('object-detection'),
    onDegraded: () => degradations.note('model'),
  });
  const { storageId } = jobs;
  const faces = composeFaces({ config, database, accounts, inference, library, storageId, logger });
  const sessions = await composeSessions({
    config,
    database,
    redis,
    objects: detector,
    library,
    degradations,
    logger,
    metrics,
  });
  return { accounts, predictions, userModels, jobs, objects, detector, faces, sessions };
}
