import { FoveaError } from '../errors.ts';
import type { Detected, DetectRequest, ObjectService } from './object-service.ts';

export interface DegradableDetectorOptions {
  readonly objects: Pick<ObjectService, 'detect'>;
  /** Whether no model for objects can be had, now and without somebody's help. */
  readonly lost: () => boolean;
  readonly onDegraded?: (() => void) | undefined;
}

/** Detection that answers also when the model failed that everybody uses. */
export class DegradableDetector {
  readonly #options: DegradableDetectorOptions;

  constructor(options: DegradableDetectorOptions) {
    this.#options = options;
  }

  /**
   * Undefined when no model for objects can be had at all. One that the request names, or that is still on its way, is
   * an error like any other.
   * @throws FoveaError as `ObjectService.detect` does
   */
  async detect(request: DetectRequest): Promise<Detected | undefined> {
    try {
      return await this.#options.objects.detect(request);
    } catch (error) {
      if (request.model !== undefined || !this.#isModelLost(error)) throw error;
      this.#options.onDegraded?.();
      return undefined;
    }
  }

  #isModelLost(error: unknown): boolean {
    return (
      error instanceof FoveaError && error.code === 'MODEL_UNAVAILABLE' && this.#options.lost()
    );
  }
}

/** Stages of a detection that nobody made, in milliseconds. */
export const noTimings = {
  queue: 0,
  decode: 0,
  preprocess: 0,
  inference: 0,
  postprocess: 0,
  total: 0,
};
