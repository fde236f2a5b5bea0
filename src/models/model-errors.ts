import { FoveaError } from '../errors.ts';

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

export function archived(what: string): FoveaError {
  return new FoveaError(
    'MODEL_ARCHIVED',
    `${what} is archived; restore it with PATCH /api/v1/models/{id} and {"status": "active"}, or use another one.`,
  );
}
