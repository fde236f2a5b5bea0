import type { ModelSpec } from '../engine/messages.ts';
import type { ModelReference } from '../protocol/analysis.ts';
import type { ImageTextOutput } from '../protocol/model-manifest.ts';
import type { TextTokenizer } from '../text/text-tokenizer.ts';
import type { Session } from './session.ts';

/** The half of a model that reads texts. */
export interface TextHalf {
  /** The model's own when one graph has both halves. */
  readonly session: Pick<Session, 'run'>;
  readonly tokenizer: TextTokenizer;
  /** As in the manifest; without a mask when the graph takes none. */
  readonly spec: ImageTextOutput['text'];
}

/** A model that is loaded and has proved on a blank image that its manifest tells the truth. */
export interface HostedModel {
  readonly spec: ModelSpec;
  readonly session: Pick<Session, 'run'>;
  /** Of a swapping model: its matrix, row by row. */
  readonly emap?: Float32Array;
  /** Of a swapping model that has one: makes its latent of an embedding. */
  readonly converter?: Pick<Session, 'run'>;
  /** Of a model for pictures and texts. */
  readonly text?: TextHalf;
}

/** How answers name the model. */
export function referenceTo({ spec }: HostedModel): ModelReference {
  return { name: spec.manifest.name, version: spec.manifest.version, digest: spec.digest };
}
