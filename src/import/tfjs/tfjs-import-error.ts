/** Why a TensorFlow.js model is refused. Codes are stable. */
export const tfjsImportCodes = {
  TFJS_JSON_INVALID:
    'The model JSON cannot be parsed, is too deep, or has a field of the wrong type.',
  TFJS_LAYERS_MODEL:
    'A layers-model (Keras), which has no graph: convert it to a graph-model first.',
  TFJS_NOT_A_GRAPH_MODEL: 'The JSON is not a TensorFlow.js graph model.',
  TFJS_LIMIT: 'The model is larger than the importer allows.',
  TFJS_GRAPH_INVALID:
    'The graph contradicts itself: duplicate names, cycles, inputs that do not exist.',
  TFJS_SIGNATURE_INVALID: 'An input or output that is asked for does not exist or is unusable.',
  TFJS_WEIGHTS_INVALID: 'Weight shards are missing, too short, or do not fit their manifest.',
  TFJS_DTYPE_UNSUPPORTED: 'A data type that ONNX or the importer does not carry.',
  TFJS_OP_UNSUPPORTED: 'Operations that the importer does not know; all of them are listed.',
  TFJS_CONTROL_FLOW: 'Control flow whose course depends on the data; all of it is listed.',
  TFJS_ATTRIBUTE_UNSUPPORTED: 'A known operation, used in a way that cannot be reproduced in ONNX.',
  TFJS_SHAPE_INVALID: 'Shapes that do not fit the operation, or that must be known and are not.',
} as const;

export type TfjsImportCode = keyof typeof tfjsImportCodes;

/** The only error that the importer throws. `details` are JSON-safe. */
export class TfjsImportError extends Error {
  readonly code: TfjsImportCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: TfjsImportCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TfjsImportError';
    this.code = code;
    this.details = details;
  }
}
