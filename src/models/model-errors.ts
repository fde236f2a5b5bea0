import type { VersionRecord } from '../db/model-versions.ts';
import type { ModelRecord } from '../db/models.ts';
import { FoveaError } from '../errors.ts';
import { effectiveStatus } from './version-reference.ts';

/** Also for another owner's model: that it exists is nobody's business. */
export function modelNotFound(id: string): FoveaError {
  return new FoveaError(
    'MODEL_NOT_FOUND',
    `There is no model ${id}; GET /api/v1/models lists those there are.`,
    { model_id: id },
  );
}

export function versionNotFound(name: string, reference: string): FoveaError {
  return new FoveaError(
    'MODEL_NOT_FOUND',
    `The model ${name} has no version or alias ${JSON.stringify(reference)}; GET /api/v1/models/{id}/versions lists them.`,
    { version: reference },
  );
}

/** @param version whose status it is; the model's own when left out */
export function archived(name: string, version?: number): FoveaError {
  const [what, query] =
    version === undefined
      ? [`The model ${name}`, '']
      : [`Version ${version} of ${name}`, `?version=${version}`];
  return new FoveaError(
    'MODEL_ARCHIVED',
    `${what} is archived; restore it with PATCH /api/v1/models/{id}${query} and {"status": "active"}, or use another one.`,
  );
}

export function purged(name: string, version: number): FoveaError {
  return new FoveaError(
    'MODEL_PURGED',
    `The files of version ${version} of ${name} were deleted for good; use another version, or upload it again.`,
    { version },
  );
}

/** @throws FoveaError MODEL_PURGED, MODEL_ARCHIVED for what answers no more. */
export function refuseArchived(
  model: Pick<ModelRecord, 'name' | 'status'>,
  version: Pick<VersionRecord, 'version' | 'status' | 'purgedAt'>,
): void {
  if (version.purgedAt !== null) throw purged(model.name, version.version);
  if (effectiveStatus(model, version) !== 'archived') return;
  throw archived(model.name, model.status === 'archived' ? undefined : version.version);
}
