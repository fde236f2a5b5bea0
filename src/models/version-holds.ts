import { LRUCache } from 'lru-cache';
import { purged } from './model-errors.ts';
import type { ResolvedVersion } from './model-directory.ts';

/** Versions that were closed and may still be known to somebody who looked them up before. */
const mostClosed = 10_000;

/** Names a version in memory, here and in the workers. */
export function versionKey(modelId: string, version: number): string {
  return `${modelId}:v${version}`;
}

/**
 * Counts who works with the files of a version, so that they are never deleted under them.
 *
 *   open --hold--> held --release--> open        close: no new hold, and wait for the last release
 */
export class VersionHolds {
  readonly #users = new Map<string, number>();
  readonly #closed = new LRUCache<string, true>({ max: mostClosed });
  readonly #waiting = new Map<string, () => void>();

  /** Returns how to let go, to be called once. @throws FoveaError MODEL_PURGED. */
  hold({ model, version }: ResolvedVersion): () => void {
    const key = versionKey(model.id, version.version);
    if (this.#closed.has(key)) throw purged(model.name, version.version);
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
    return () => this.#release(key);
  }

  /** Nobody can hold it any more. Whether those who do have left before the time was over. */
  async close(key: string, timeoutMs: number): Promise<boolean> {
    this.#closed.set(key, true);
    if (!this.#users.has(key)) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, timeoutMs, false);
    this.#waiting.set(key, () => resolve(true));
    const left = await promise;
    clearTimeout(timer);
    this.#waiting.delete(key);
    return left;
  }

  #release(key: string): void {
    const users = (this.#users.get(key) ?? 1) - 1;
    if (users > 0) {
      this.#users.set(key, users);
      return;
    }
    this.#users.delete(key);
    this.#waiting.get(key)?.();
  }
}
