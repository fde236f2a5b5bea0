import type { ModelReference, Stage } from '../protocol/analysis.ts';
import type { Face } from '../protocol/face.ts';
import type { ImageFormat } from '../protocol/image.ts';

/** What an analysis is asked to find. Only what is asked for is computed. */
export type Want = 'quality' | 'faces';

export interface AnalyzeInput {
  /** The encoded file. */
  readonly image: Uint8Array;
  /** SHA-256 of the file, in hex: lets a worker keep the decoded pixels for the next request. */
  readonly imageKey: string;
  readonly want: readonly Want[];
  readonly limits: { readonly maxPixels: number; readonly formats: readonly ImageFormat[] };
}

export interface AnalyzeOutput {
  readonly format: ImageFormat;
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly quality?: { readonly sharpness: number; readonly brightness: number };
  readonly faces?: readonly Face[];
  /** Stages inside the worker; `queue` is added by the group. */
  readonly stages: Readonly<Record<Exclude<Stage, 'queue'>, number>>;
  readonly models: readonly ModelReference[];
}

/** Every kind of work a worker does: plain data in, plain data out, across a process boundary. */
export interface Tasks {
  readonly analyze: { readonly input: AnalyzeInput; readonly output: AnalyzeOutput };
}
export type TaskName = keyof Tasks;
