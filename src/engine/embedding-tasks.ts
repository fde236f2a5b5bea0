import type { ModelReference, Stage } from '../protocol/analysis.ts';
import type { ImageFormat } from '../protocol/image.ts';

type WorkerStages = Readonly<Record<Exclude<Stage, 'queue'>, number>>;

export interface EmbedImageInput {
  /** The encoded file. */
  readonly image: Uint8Array;
  /** SHA-256 of the file, in hex. */
  readonly imageKey: string;
  /** The model's name. */
  readonly model: string;
  readonly limits: { readonly maxPixels: number; readonly formats: readonly ImageFormat[] };
}

export interface EmbedImageOutput {
  /** Of length 1. */
  readonly embedding: Float32Array;
  readonly stages: WorkerStages;
  readonly models: readonly ModelReference[];
}

export interface EmbedTextsInput {
  readonly texts: readonly string[];
  /** The model's name. */
  readonly model: string;
}

export interface EmbedTextsOutput {
  /** Of length 1, in the order of the texts. */
  readonly embeddings: readonly Float32Array[];
  readonly stages: WorkerStages;
  readonly models: readonly ModelReference[];
}

/** Work with models that put pictures and texts into one space. */
export interface EmbeddingTasks {
  readonly 'embed-image': { readonly input: EmbedImageInput; readonly output: EmbedImageOutput };
  readonly 'embed-texts': { readonly input: EmbedTextsInput; readonly output: EmbedTextsOutput };
}
