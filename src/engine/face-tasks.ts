import type { ModelReference, Stage } from '../protocol/analysis.ts';
import type { Box, ImageFormat, Point } from '../protocol/image.ts';

/**
 * The models, by name, that look at faces together; all of one group. What is left out is not there: nothing of it
 * is computed.
 */
export interface FaceSuite {
  readonly detection: string;
  /** Aligned embeddings. Without it they come from `attributes`, where that model describes faces too. */
  readonly embedding?: string;
  readonly attributes?: string;
  readonly landmarks?: readonly string[];
  readonly emotion?: string;
  readonly liveness?: string;
  readonly mesh?: string;
  readonly iris?: string;
  /** Paints faces; may be of another group, since it is given faces that were found before. */
  readonly swap?: string;
}

/** An embedding of length 1, and its length before. */
export interface SwapSource {
  readonly embedding: readonly number[];
  readonly norm: number;
}

export interface SwapInput {
  /** The encoded picture whose faces are replaced. */
  readonly image: Uint8Array;
  /** SHA-256 of the file, in hex. */
  readonly imageKey: string;
  readonly limits: { readonly maxPixels: number; readonly formats: readonly ImageFormat[] };
  /** The swapping model's name. */
  readonly swapper: string;
  /** The faces to replace, as an analysis of the picture found them. */
  readonly faces: readonly { readonly box: Box; readonly landmarks: readonly Point[] }[];
  /** The face to put there, by the recogniser that the swapping model was made for. */
  readonly source: SwapSource;
  readonly format: 'png' | 'jpeg';
}

export interface SwapOutput {
  /** The encoded result, of the picture's size. */
  readonly image: Uint8Array;
  readonly format: 'png' | 'jpeg';
  readonly width: number;
  readonly height: number;
  /** Boxes of the faces that were replaced; faces without landmarks are not. */
  readonly swapped: readonly Box[];
  readonly stages: Readonly<Record<Exclude<Stage, 'queue'>, number>>;
  readonly models: readonly ModelReference[];
}

export interface FaceTasks {
  readonly 'swap-face': { readonly input: SwapInput; readonly output: SwapOutput };
}
