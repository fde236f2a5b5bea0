/** Why a scikit-learn file is refused. Codes are stable. */
export const sklearnImportCodes = {
  FORMAT_UNKNOWN: 'The bytes are no pickle, joblib file, skops archive or .npy array.',
  INPUT_LIMIT: 'The file is larger than the importer allows.',
  COMPRESSION_CORRUPT: 'The compressed stream is damaged, cut off, or followed by other bytes.',
  COMPRESSION_UNSUPPORTED: 'The compressed stream uses a filter or variant that is not read.',
  COMPRESSION_LIMIT: 'The file inflates beyond the allowed size or ratio.',
  READ_TIMEOUT: 'Reading takes longer than the importer allows.',
  PICKLE_CORRUPT: 'The opcodes contradict themselves, or the stream ends too early.',
  PICKLE_TRAILING_BYTES: 'More bytes, perhaps a second pickle, follow the end of the pickle.',
  PICKLE_UNSUPPORTED_OPCODE:
    'An opcode that no scikit-learn model needs: persistent ids, extension codes, INST, OBJ, out-of-band buffers.',
  PICKLE_FORBIDDEN_GLOBAL:
    'The pickle names classes or functions that are not on the list; all of them are told.',
  PICKLE_FORBIDDEN_CALL: 'A known name is used in a way that no scikit-learn model uses it.',
  PICKLE_LIMIT: 'The pickle is larger or deeper than the importer allows.',
  ARRAY_INVALID: 'An array, scalar or dtype whose shape, bytes and type do not fit together.',
  ARRAY_UNSUPPORTED: 'An array of a type that is not read, such as long double.',
  JOBLIB_SIDE_FILES:
    'A joblib file of a version below 0.10, which keeps its arrays in other files: save it again.',
  ARCHIVE_CORRUPT: 'The zip archive contradicts itself or lacks schema.json.',
  ARCHIVE_MEMBER_REFUSED:
    'A member of the archive is encrypted, a duplicate, packed in an unknown way, or has a path for a name.',
  ARCHIVE_LIMIT: 'The archive has too many members or inflates beyond the allowed size or ratio.',
  SKOPS_CORRUPT: 'schema.json or a file it points to cannot be read.',
  SKOPS_NODE_REFUSED: 'The skops schema has a node that would run code, or of an unknown kind.',
  RECORD_MISSING: 'The model lacks an attribute that its class always has.',
  RECORD_TYPE: 'An attribute of the model has a value of another type than its class gives it.',
  ESTIMATOR_UNSUPPORTED:
    'Estimators that cannot be reproduced; each is told with its place and what to do instead.',
  MODEL_INVALID: 'The parts of the model contradict each other.',
} as const;

export type SklearnImportCode = keyof typeof sklearnImportCodes;

/** The only error that the importer throws. `details` are JSON-safe. */
export class SklearnImportError extends Error {
  readonly code: SklearnImportCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: SklearnImportCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SklearnImportError';
    this.code = code;
    this.details = details;
  }
}
