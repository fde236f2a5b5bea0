import type { DecodedImages } from './decoded-images.ts';
import type { LoadedModels } from './loaded-models.ts';
import type { ModelHost } from './model-host.ts';

/** What a worker keeps between jobs. */
export interface WorkerContext {
  readonly models: ModelHost;
  readonly decoded: DecodedImages;
  /** Models that users uploaded. */
  readonly loaded: LoadedModels;
}
