import { compileParts } from './compile-parts.ts';
import type { SklearnImport } from './compile-parts.ts';
import { SklearnImportError } from './errors.ts';
import { readPart } from './read-part.ts';
import type { ReadLimits } from './reader/limits.ts';

export interface ImportFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ImportOptions {
  /** What reading each file may cost. */
  readonly limits?: Partial<ReadLimits>;
  /**
   * Support vector machines: leave the last step of `probabilities`, many small nodes that are slow for
   * single rows, to the caller (`Signature.coupling`). Otherwise the graph has it.
   */
  readonly coupleOutside?: boolean;
}

/** Files of one upload; a model, what prepares its input, and the encoder of its labels may be apart. */
const maxFiles = 16;

/**
 * Fitted models of scikit-learn, XGBoost and LightGBM as one ONNX graph in float64, without Python and
 * without running anything of them.
 * @throws SklearnImportError: the reader's, or ESTIMATOR_UNSUPPORTED with all `problems` in its details
 */
export function importSklearn(
  files: readonly ImportFile[],
  options: ImportOptions = {},
): SklearnImport {
  if (files.length === 0 || files.length > maxFiles)
    throw new SklearnImportError(
      'MODEL_INVALID',
      `there are ${files.length} files, between 1 and ${maxFiles} are needed`,
    );
  const parts = files.map((file) => readPart(file, options.limits));
  return compileParts(parts, options.coupleOutside);
}

export { looksLikeModelFile } from './looks-like-model-file.ts';
export { coupleProbabilities } from './couple.ts';
export { missingString } from './graph/values.ts';
export { textEncoder } from './text/text-feeds.ts';
export type { SklearnImport } from './compile-parts.ts';
export type { Signature, SignatureInput } from './signature.ts';
