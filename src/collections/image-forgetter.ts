import type { ImageLibrary } from '../images/image-library.ts';

/** Deletes images that were sent only to enrol faces, and what was remembered of them. */
export class ImageForgetter {
  readonly #library: Pick<ImageLibrary, 'removeEnrolled'>;
  readonly #wipe: (sha256: string) => void;

  /** @param wipe drops the cached results for an image */
  constructor(library: Pick<ImageLibrary, 'removeEnrolled'>, wipe: (sha256: string) => void) {
    this.#library = library;
    this.#wipe = wipe;
  }

  /** Those of `imageIds` that show no enrolled face any more. */
  async forget(imageIds: readonly string[]): Promise<void> {
    for (const sha256 of await this.#library.removeEnrolled(imageIds)) this.#wipe(sha256);
  }
}
