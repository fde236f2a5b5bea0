import type { ModelReference, Stage } from '../protocol/analysis.ts';
import type { Face } from '../protocol/face.ts';
import type { ImageFormat } from '../protocol/image.ts';
import type { EmbeddingTasks } from './embedding-tasks.ts';
import type { FaceSuite, FaceTasks } from './face-tasks.ts';
import type { LookInput } from './object-tasks.ts';
import type { ConversionTasks } from './conversion-tasks.ts';
import type { TabularTasks } from './tabular-tasks.ts';
import type { ClassScore, DetectedObject } from '../protocol/object.ts';

/** What an analysis is asked to find. Only what is asked for is computed; what is about faces needs `faces`. */
export type Want =
  | 'quality'
  | 'objects'
  | 'classes'
  | 'faces'
  | 'age'
  | 'gender'
  | 'emotion'
  | 'liveness'
  | 'mesh'
  | 'iris'
  | 'landmarks'
  | 'embedding';

export interface AnalyzeInput {
  /** The encoded file. */
  readonly image: Uint8Array;
  /** SHA-256 of the file, in hex: lets a worker keep the decoded pixels for the next request. */
  readonly imageKey: string;
  readonly want: readonly Want[];
  /** The model for `objects` or `classes`, when it is not the first one that does it. */
  readonly model?: string;
  /** The models for faces, when they are not to be the first ones that do each task. */
  readonly suite?: FaceSuite;
  readonly limits: { readonly maxPixels: number; readonly formats: readonly ImageFormat[] };
}

export interface AnalyzeOutput {
  readonly format: ImageFormat;
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly quality?: { readonly sharpness: number; readonly brightness: number };
  readonly objects?: readonly DetectedObject[];
  /** Best first. */
  readonly classes?: readonly ClassScore[];
  readonly faces?: readonly Face[];
  /** Stages inside the worker; `queue` is added by the group. */
  readonly stages: Readonly<Record<Exclude<Stage, 'queue'>, number>>;
  readonly models: readonly ModelReference[];
}

/** A TensorFlow.js graph model on this machine, and where its ONNX form goes. */
export interface ImportTfjsInput {
  /** `model.json`; its weight files lie beside it. */
  readonly modelJson: string;
  /** The file to write. */
  readonly target: string;
  readonly outputs?: readonly string[];
}

export interface ImportTfjsOutput {
  readonly sha256: string;
  readonly bytes: number;
  readonly inputs: readonly TensorShape[];
  readonly outputs: readonly TensorShape[];
  readonly warnings: readonly string[];
}

/** -1 is an open dimension. */
export interface TensorShape {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** Every kind of work a worker does: plain data in, plain data out, across a process boundary. */
export interface Tasks extends TabularTasks, ConversionTasks, FaceTasks, EmbeddingTasks {
  readonly analyze: { readonly input: AnalyzeInput; readonly output: AnalyzeOutput };
  readonly look: { readonly input: LookInput; readonly output: AnalyzeOutput };
  readonly 'import-tfjs': { readonly input: ImportTfjsInput; readonly output: ImportTfjsOutput };
}
export type TaskName = keyof Tasks;
