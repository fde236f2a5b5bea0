import type { ImportModelInput } from '../../engine/tabular-tasks.ts';
import type { DeclaredSignature } from '../../import/onnx/declared-signature.ts';
import type {
  Category,
  ClassLabel,
  ModelOutput,
  UnusedColumn,
} from '../../protocol/model-version.ts';
import type { ServingSteps } from '../serving-steps.ts';

export type SourceFiles = ImportModelInput['files'];

/** A model on its way to be served: what its own format says. All of it is proved afterwards by running it. */
export interface Converted {
  /** When it is not the importer's own. */
  readonly format?: string;
  /** The ONNX model to serve: bytes, or a path when an uploaded file is served as it is. */
  readonly model: Uint8Array | { readonly path: string };
  /** What is done before and after the graph. */
  readonly steps?: ServingSteps;
  /** What callers give and get: with the steps, if there are some. */
  readonly declared: DeclaredSignature;
  readonly hints: SignatureHints;
  /** What an exporter wrote beside the graph. */
  readonly metadata?: ReadonlyMap<string, string>;
  /** For the user to read: where the model comes from, what was changed. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** What a model's tensors alone do not say. */
export interface SignatureHints {
  /** Names of the columns, over all inputs in order. */
  readonly features?: readonly string[] | undefined;
  readonly classes?: readonly ClassLabel[] | undefined;
  /** The output of the class probabilities. */
  readonly probabilities?: string | undefined;
  /** Whether a missing value (null) is a valid input. */
  readonly nullable?: boolean | undefined;
  /** Where the format knows more of an input, by its name. */
  readonly inputs?: ReadonlyMap<string, InputHint> | undefined;
  /** What every output is for, where the format knows it: then it is not looked for. */
  readonly outputs?: ReadonlyMap<string, OutputHint> | undefined;
  /** Columns that the model was fitted with and does not read. */
  readonly unused?: readonly UnusedColumn[] | undefined;
  /** Names of what a model answers at once, in order. */
  readonly targets?: readonly string[] | undefined;
}

export interface InputHint {
  readonly kind: 'plain' | 'text' | 'category';
  readonly nullable: boolean;
  /** What a missing value is for the graph, where it is text. */
  readonly missing?: string;
  /** The only values that the model knows. */
  readonly allowed?: readonly Category[];
}

export interface OutputHint {
  readonly role: ModelOutput['role'];
  /** Its place among several answers. */
  readonly target?: number;
  readonly classes?: readonly ClassLabel[];
}

/** One model format. A new one is one file and one line in `importers.ts`. */
export interface Importer {
  readonly format: string;
  /** For the message that names what can be uploaded. */
  readonly extensions: readonly string[];
  /** Whether a file's first bytes (at most `headBytes`) say that it is of this format. */
  readonly recognises: (head: Uint8Array) => boolean;
  /** Where it takes all files of an upload to tell: names in lower case, and the first bytes of each. */
  readonly recognisesTogether?: (
    files: readonly { readonly name: string; readonly head: Uint8Array }[],
  ) => boolean;
  /** @throws FoveaError MODEL_INVALID. Never runs what is in the files. */
  readonly convert: (files: SourceFiles) => Promise<Converted>;
}

export const headBytes = 256;
