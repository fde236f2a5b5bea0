import { SklearnImportError } from '../../errors.ts';

export function corrupt(message: string, cause?: unknown): SklearnImportError {
  return new SklearnImportError('COMPRESSION_CORRUPT', message, {}, cause);
}

export function unsupportedStream(message: string): SklearnImportError {
  return new SklearnImportError('COMPRESSION_UNSUPPORTED', message);
}
