import { LRUCache } from 'lru-cache';
import { decode, type ImageLimits } from '../vision/decode.ts';
import type { Pixels } from '../vision/pixels.ts';

const mostBytes = 64 * 1024 * 1024;

/** Upright pixels of the images seen last, so that validate, then analyse, decodes once. */
export class DecodedImages {
  readonly #pixels = new LRUCache<string, Pixels>({
    maxSize: mostBytes,
    sizeCalculation: ({ data }) => data.length,
  });

  /** @throws FoveaError IMAGE_*. */
  async get(key: string, encoded: Uint8Array, limits: ImageLimits): Promise<Pixels> {
    const known = this.#pixels.get(key);
    if (known) return known;
    const pixels = await decode(encoded, limits);
    this.#pixels.set(key, pixels);
    return pixels;
  }
}
