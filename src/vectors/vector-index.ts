/** The vectors of a collection, as its row in the database says just now. */
export interface VectorSet {
  readonly id: string;
  /** Of the recogniser; vectors of others are not searched. */
  readonly digest: string;
  /** Values of a vector. */
  readonly dimensions: number;
  readonly revision: bigint;
  /** Removals up to this revision are not listed any more. */
  readonly forgottenRevision: bigint;
}

export interface Neighbour {
  readonly personId: string;
  /** The person's vector that is nearest. */
  readonly faceId: string;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

export interface SearchBounds {
  /** Persons at most, per query. */
  readonly most: number;
  /** Cosine that a person must reach. */
  readonly least: number;
}

/** Rows of vectors of length 1; ids are UUIDs, 16 bytes each. */
export interface VectorBlock {
  readonly faceIds: Uint8Array<ArrayBuffer>;
  readonly personIds: Uint8Array<ArrayBuffer>;
  /** Row after row. */
  readonly vectors: Float32Array<ArrayBuffer>;
}

/** Where an index reads vectors. */
export interface VectorSource {
  /** What changed after a revision, in blocks of bounded size; after 0, everything. */
  blocks(set: VectorSet, after: bigint): AsyncIterable<VectorBlock>;
  /** Ids of vectors that went after a revision, 16 bytes each; undefined when there are too many to list. */
  removed(setId: string, after: bigint): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/**
 * Who is nearest: one entry per person, by the nearest of the person's vectors, best first. A search sees every change up
 * to the revision of the set that it is given.
 */
export interface VectorIndex {
  /** `hnsw` may miss neighbours; the others never do. */
  readonly kind: 'exact' | 'pgvector' | 'hnsw';
  /** The neighbours of each query. @throws FoveaError QUEUE_FULL, or what the source throws. */
  search(
    set: VectorSet,
    queries: readonly Float32Array[],
    bounds: SearchBounds,
    signal?: AbortSignal,
  ): Promise<Neighbour[][]>;
  /** Takes over what changed, if the index keeps anything of the set. */
  refresh(set: VectorSet): Promise<void>;
  /** Forgets a set. */
  drop(setId: string): Promise<void>;
  /** Sets of which it keeps something in memory. */
  held(): readonly string[];
  close(): Promise<void>;
}
