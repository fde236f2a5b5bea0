import type {
  Batching,
  ModelMetadata,
  ModelSignature,
  ServedTask,
  Serving,
} from '../protocol/model-version.ts';
import type { VisionSpec } from '../protocol/vision-spec.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A version of a user's model, as a worker loads it. */
export interface ServedModel {
  /** Names this version for ever: its file never changes. */
  readonly key: string;
  /** The ONNX file. */
  readonly path: string;
  /** What is done before and after the graph, when there is something. */
  readonly stepsPath?: string;
}

/** How much a worker keeps loaded, least recently used out first. */
export interface ModelCacheLimits {
  readonly bytes: number;
  readonly models: number;
  /** Resident memory of the process, in bytes, beyond which it ends itself at once, also in the middle of a run. */
  readonly processBytes: number;
}

export type NamedTensors = Readonly<Record<string, Tensor>>;

export interface PredictInput {
  readonly model: ServedModel;
  /** One set of inputs per run: all rows together, or a row each. */
  readonly runs: readonly NamedTensors[];
  readonly limits: ModelCacheLimits;
}

export interface PredictOutput {
  /** One set of outputs per run. */
  readonly runs: readonly NamedTensors[];
  /** 0 when the model was loaded already. */
  readonly loadMs: number;
  readonly inferenceMs: number;
}

export interface LoadInput {
  readonly model: ServedModel;
  readonly limits: ModelCacheLimits;
}

export interface ImportModelInput {
  readonly files: readonly { readonly name: string; readonly path: string }[];
  /** Where the worker puts the model to serve. */
  readonly output: string;
  /** Where it puts what is done before and after the graph; nothing lies there when nothing is. */
  readonly stepsOutput: string;
  /** The user's own facts; `features`, `classes`, `nullable` and `targets` complete what the file says. */
  readonly metadata: ModelMetadata;
  /** What the model is for; its file says it when this is left out. */
  readonly task?: ServedTask;
  /** Resident memory of the process beyond which it ends itself. */
  readonly processBytes: number;
}

export interface ImportModelOutput {
  readonly format: string;
  readonly signature: ModelSignature;
  readonly serving: Serving;
  readonly batching: Batching;
  /** How it looks at pictures; null for a model of rows. */
  readonly vision: VisionSpec | null;
  readonly report: Readonly<Record<string, unknown>>;
}

/** Work with models that users bring: small, many, in one process per group. */
export interface TabularTasks {
  readonly 'import-model': { readonly input: ImportModelInput; readonly output: ImportModelOutput };
  readonly predict: { readonly input: PredictInput; readonly output: PredictOutput };
  readonly 'load-model': {
    readonly input: LoadInput;
    readonly output: { readonly loadMs: number };
  };
  readonly 'unload-model': {
    readonly input: { readonly key: string };
    readonly output: { readonly unloaded: boolean };
  };
}
