import type { Neighbour, SearchBounds, VectorIndex, VectorSet } from './vector-index.ts';

export interface PreferredIndexOptions {
  readonly preferred: VectorIndex & { prepare(): Promise<boolean> };
  /** Used where the preferred one cannot be had. */
  readonly fallback: VectorIndex;
  /** The database has no such index. */
  readonly onFallback: () => void;
}

/** An index that the database may have or not; found out when it is first needed. */
export class PreferredIndex implements VectorIndex {
  readonly #options: PreferredIndexOptions;
  #choosing: Promise<VectorIndex> | undefined;
  #kind: VectorIndex['kind'];

  constructor(options: PreferredIndexOptions) {
    this.#options = options;
    this.#kind = options.preferred.kind;
  }

  get kind(): VectorIndex['kind'] {
    return this.#kind;
  }

  held(): readonly string[] {
    return this.#options.fallback.held();
  }

  async search(
    set: VectorSet,
    queries: readonly Float32Array[],
    bounds: SearchBounds,
    signal?: AbortSignal,
  ): Promise<Neighbour[][]> {
    return await (await this.#chosen()).search(set, queries, bounds, signal);
  }

  async refresh(set: VectorSet): Promise<void> {
    await (await this.#chosen()).refresh(set);
  }

  async drop(setId: string): Promise<void> {
    await (await this.#chosen()).drop(setId);
  }

  async close(): Promise<void> {
    const { preferred, fallback } = this.#options;
    await Promise.all([preferred.close(), fallback.close()]);
  }

  /** Asked again when the database did not answer. */
  async #chosen(): Promise<VectorIndex> {
    this.#choosing ??= this.#choose().catch((error: unknown) => {
      this.#choosing = undefined;
      throw error;
    });
    return await this.#choosing;
  }

  async #choose(): Promise<VectorIndex> {
    const { preferred, fallback, onFallback } = this.#options;
    if (await preferred.prepare()) return preferred;
    this.#kind = fallback.kind;
    onFallback();
    return fallback;
  }
}
