import type { Inference } from './inference.ts';
import type { Config } from '../config.ts';
import type { UserModels } from '../http/app-deps.ts';
import { ObjectService } from '../objects/object-service.ts';
import { modelCacheLimits } from './user-models.ts';

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
    limits: modelCacheLimits(config),
  });
}
