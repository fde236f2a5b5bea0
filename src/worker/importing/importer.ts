import type { ImportModelInput } from '../../engine/tabular-tasks.ts';
import type { DeclaredSignature } from '../../import/onnx/declared-signature.ts';

export type SourceFiles = ImportModelInput['files'];

/** A model on its way to be served: what its own format says. All of it is proved afterwards by running it. */
export interface Converted {
  /** The ONNX model to serve: bytes, or a path when an uploaded file is served as it is. */
  readonly model: Uint8Array | { readonly path: string };
  readonly declared: DeclaredSignature;
  readonly hints: SignatureHints;
  /** For the user to read: where the model comes from, what was changed. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** What a model's tensors alone do not say. */
export interface SignatureHints {
  /** Names of the columns, over all inputs in order. */
  readonly features?: readonly string[] | undefined;
  readonly classes?: readonly (string | number | boolean)[] | undefined;
  /** The output of the class probabilities. */
  readonly probabilities?: string | undefined;
  /** Whether a missing value (null) is a valid input. */
  readonly nullable?: boolean | undefined;
}

/** One model format. A new one is one file and one line in `importers.ts`. */
export interface Importer {
  readonly format: string;
  /** For the message that names what can be uploaded. */
  readonly extensions: readonly string[];
  /** @throws FoveaError MODEL_INVALID. Never runs what is in the files. */
  readonly convert: (files: SourceFiles) => Promise<Converted>;
}
