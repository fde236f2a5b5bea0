import { SklearnImportError } from '../../errors.ts';

export function corruptPickle(message: string, offset?: number): SklearnImportError {
  const place = offset === undefined ? '' : ` at byte ${offset}`;
  return new SklearnImportError(
    'PICKLE_CORRUPT',
    `${message}${place}`,
    offset === undefined ? {} : { offset },
  );
}

export function forbiddenCall(message: string): SklearnImportError {
  return new SklearnImportError('PICKLE_FORBIDDEN_CALL', message);
}

export function overLimit(limit: string, allowed: number, message: string): SklearnImportError {
  return new SklearnImportError('PICKLE_LIMIT', `${message}, at most ${allowed} are allowed`, {
    limit,
    allowed,
  });
}
