import { mergeNeighbours } from './person-ranking.ts';
import type {
  Neighbour,
  SearchBounds,
  VectorBlock,
  VectorIndex,
  VectorSet,
  VectorSource,
} from './vector-index.ts';
import { VectorThread } from './vector-thread.ts';

export interface ExactIndexOptions {
  readonly source: VectorSource;
  /** Bytes of vectors to keep in memory; sets that were not searched for longest go first. */
  readonly memoryBytes: number;
}

/** What the thread has of a set. */
interface Held {
  readonly digest: string;
  revision: bigint;
  bytes: number;
}

const mostWaiting = 256;

/**
 * Compares with every vector. Sets are read from the source when they are first searched, kept in memory by a thread, and
 * brought up to the revision that a search names. A set that is larger than the memory is read anew for each search.
 */
export class ExactIndex implements VectorIndex {
  readonly kind = 'exact';
  readonly #options: ExactIndexOptions;
  readonly #thread: VectorThread;
  /** The one searched last stands last. */
  readonly #held = new Map<string, Held>();
  /** The work on each set that was begun last. */
  readonly #tails = new Map<string, Promise<unknown>>();
  /** Sets that did not fit; tried again by the next start. */
  readonly #tooLarge = new Set<string>();

  constructor(options: ExactIndexOptions) {
    this.#options = options;
    this.#thread = new VectorThread(() => this.#held.clear(), mostWaiting);
  }

  held(): readonly string[] {
    return [...this.#held.keys()];
  }

  async search(
    set: VectorSet,
    queries: readonly Float32Array[],
    bounds: SearchBounds,
    signal?: AbortSignal,
  ): Promise<Neighbour[][]> {
    if (queries.length === 0) return [];
    const joined = joinedOf(queries, set.dimensions);
    if (!(await orAborted(this.#uptodate(set), signal)))
      return await this.#stream(set, joined, bounds, signal);
    const { found } = await orAborted(
      this.#thread.ask({ type: 'search', set: set.id, queries: joined, bounds }),
      signal,
    );
    // Empty, or it had to make room for another one in this moment.
    if (!found) return await this.#stream(set, joined, bounds, signal);
    return queries.map((_, index) => found[index] ?? []);
  }

  async refresh(set: VectorSet): Promise<void> {
    if (this.#held.has(set.id)) await this.#uptodate(set);
  }

  async drop(setId: string): Promise<void> {
    // Who is loading it notices, and drops what was put since.
    if (this.#held.delete(setId)) await this.#thread.ask({ type: 'drop', set: setId });
  }

  async close(): Promise<void> {
    this.#held.clear();
    await this.#thread.close();
  }

  /** Resolves with false when the set is not in memory. Changes of a set follow each other. */
  async #uptodate(set: VectorSet): Promise<boolean> {
    if (this.#tooLarge.has(set.id)) return false;
    const before = this.#tails.get(set.id) ?? Promise.resolve();
    const done = before.catch(() => undefined).then(async () => this.#advance(set));
    this.#tails.set(set.id, done);
    return await done.finally(() => {
      if (this.#tails.get(set.id) === done) this.#tails.delete(set.id);
    });
  }

  async #advance(set: VectorSet): Promise<boolean> {
    const known = this.#held.get(set.id);
    const held =
      known?.digest === set.digest ? known : { digest: set.digest, revision: -1n, bytes: 0 };
    this.#held.delete(set.id);
    this.#held.set(set.id, held);
    if (held.revision >= set.revision) return true;
    try {
      return await this.#load(set, held);
    } catch (error) {
      // What the thread has now is of no known revision.
      held.revision = -1n;
      throw error;
    }
  }

  async #load(set: VectorSet, held: Held): Promise<boolean> {
    const anew = held.revision < set.forgottenRevision;
    if (anew) await this.#thread.ask({ type: 'drop', set: set.id });
    const after = anew ? 0n : held.revision;
    for await (const block of this.#options.source.blocks(set, after)) {
      held.bytes = await this.#put(set, block, anew);
      if (!(await this.#makeRoom(set.id, held))) return false;
    }
    if (!anew && !(await this.#remove(set.id, held, after))) {
      held.revision = -1n;
      return await this.#load(set, held);
    }
    if (this.#held.get(set.id) !== held) return false;
    held.revision = set.revision;
    return true;
  }

  async #put(set: VectorSet, block: VectorBlock, fresh: boolean): Promise<number> {
    const { id, dimensions } = set;
    const { bytes = 0 } = await this.#thread.ask(
      { type: 'put', set: id, dimensions, block, fresh },
      buffersOf(block),
    );
    return bytes;
  }

  /** Resolves with false when everything is to be read anew. */
  async #remove(setId: string, held: Held, after: bigint): Promise<boolean> {
    const faceIds = await this.#options.source.removed(setId, after);
    if (!faceIds) return false;
    if (faceIds.length === 0) return true;
    const { bytes = 0 } = await this.#thread.ask({ type: 'remove', set: setId, faceIds });
    held.bytes = bytes;
    return true;
  }

  /** Drops other sets until this one fits. Resolves with false when it does not, or was dropped itself. */
  async #makeRoom(setId: string, held: Held): Promise<boolean> {
    const { memoryBytes } = this.#options;
    const used = (): number => [...this.#held.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const other of this.#held.keys()) {
      if (used() <= memoryBytes) break;
      if (other !== setId) await this.drop(other);
    }
    if (this.#held.get(setId) === held && held.bytes <= memoryBytes) return true;
    if (held.bytes > memoryBytes) this.#tooLarge.add(setId);
    this.#held.delete(setId);
    await this.#thread.ask({ type: 'drop', set: setId });
    return false;
  }

  async #stream(
    set: VectorSet,
    queries: Float32Array<ArrayBuffer>,
    bounds: SearchBounds,
    signal: AbortSignal | undefined,
  ): Promise<Neighbour[][]> {
    const { dimensions } = set;
    let best = Array.from({ length: queries.length / dimensions }, (): Neighbour[] => []);
    for await (const block of this.#options.source.blocks(set, 0n)) {
      signal?.throwIfAborted();
      const { found = [] } = await this.#thread.ask(
        { type: 'scan', dimensions, block, queries, bounds },
        buffersOf(block),
      );
      best = best.map((known, index) => mergeNeighbours([known, found[index] ?? []], bounds.most));
    }
    return best;
  }
}

function buffersOf({ faceIds, personIds, vectors }: VectorBlock): ArrayBuffer[] {
  return [faceIds.buffer, personIds.buffer, vectors.buffer];
}

function joinedOf(queries: readonly Float32Array[], dimensions: number): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(queries.length * dimensions);
  for (const [index, query] of queries.entries()) {
    if (query.length !== dimensions)
      throw new RangeError(`A query of ${query.length} values for vectors of ${dimensions}.`);
    joined.set(query, index * dimensions);
  }
  return joined;
}

/** Loading goes on for others when one caller leaves. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  work.catch(() => undefined);
  return await Promise.race([work, promise]).finally(() =>
    signal.removeEventListener('abort', abort),
  );
}
