import type { ModelManifest } from '../protocol/model-manifest.ts';
import type { DetectOptions } from '../protocol/object.ts';
import type { ImageFormat } from '../protocol/image.ts';
import type { ModelCacheLimits, ServedModel } from './tabular-tasks.ts';

/** A version of a user's own model, opened when it is asked for. */
export interface OwnLookModel {
  readonly served: ServedModel;
  readonly manifest: ModelManifest;
  /** SHA-256 of the uploaded file. */
  readonly digest: string;
  readonly limits: ModelCacheLimits;
}

/** Objects or classes of one image, by a model of the catalog or one that a user uploaded. */
export interface LookInput {
  /** The encoded file. */
  readonly image: Uint8Array;
  /** SHA-256 of the file, in hex. */
  readonly imageKey: string;
  readonly task: 'object-detection' | 'image-classification';
  /** A model of the catalog by name; the first one for the task when neither this nor `own` is given. */
  readonly model?: string;
  readonly own?: OwnLookModel;
  readonly options: DetectOptions;
  readonly limits: { readonly maxPixels: number; readonly formats: readonly ImageFormat[] };
}
