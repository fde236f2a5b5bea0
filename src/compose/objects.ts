import type { Inference } from './inference.ts';
import type { Config } from '../config.ts';
import type { UserModels } from '../http/app-deps.ts';
import { ObjectService } from '../objects/object-service.ts';

/** Detection and classification, by models of the catalog and of users. */
export function composeObjects(
  config: Config,
  { analyzer, registry }: Pick<Inference, 'analyzer' | 'registry'>,
  { files, versions, holds }: Pick<UserModels, 'files' | 'versions' | 'holds'>,
): ObjectService {
  return new ObjectService({
    analyzer,
    registry,
    versions,
    files,
    holds,
    timeoutMs: config.FOVEA_REQUEST_TIMEOUT,
    limits: {
      bytes: config.FOVEA_MODEL_CACHE,
      models: config.FOVEA_MODEL_CACHE_COUNT,
      // Twice the memory at which an idle process is replaced: a run that gets here is out of hand.
      processBytes: 2 * (config.FOVEA_MODEL_CACHE + config.FOVEA_WORKER_MEMORY),
    },
  });
}
