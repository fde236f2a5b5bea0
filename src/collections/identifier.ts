import type { CollectionTable } from '../db/collections.ts';
import type { PersonTable } from '../db/persons.ts';
import { FoveaError } from '../errors.ts';
import type { Embedder } from '../faces/active-suite.ts';
import type { EmbeddedFaces, FaceAnalyzer, Picture } from '../faces/face-analyzer.ts';
import type { Match } from '../protocol/collection.ts';
import type { Neighbour, VectorIndex } from '../vectors/vector-index.ts';
import type { FaceChoice } from '../vision/choose-faces.ts';
import { noCollection } from './collections.ts';
import { embedderOf } from './enroller.ts';
import type { CollectionPlace } from './people.ts';
import { checkCurrent, vectorSetOf } from './vector-set.ts';

export interface IdentifyRequest {
  readonly place: CollectionPlace;
  readonly pictures: readonly Picture[];
  readonly choice: FaceChoice;
  /** Persons at most, per face. */
  readonly top: number;
  /** Cosine; the collection's or the recogniser's when left out. */
  readonly threshold?: number | undefined;
}

export interface Identified {
  /** Per picture: what was found in it, and for each chosen face who it may be. */
  readonly pictures: readonly {
    readonly found: EmbeddedFaces;
    readonly matches: readonly (readonly Match[])[];
  }[];
  readonly threshold: number;
  readonly embedder: Embedder;
  /** Milliseconds of the search itself. */
  readonly searchMs: number;
}

export interface IdentifierOptions {
  readonly collections: CollectionTable;
  readonly persons: PersonTable;
  readonly index: VectorIndex;
  readonly analyzer: FaceAnalyzer;
}

/** Says who of a collection is in a picture. */
export class Identifier {
  readonly #options: IdentifierOptions;

  constructor(options: IdentifierOptions) {
    this.#options = options;
  }

  get indexKind(): VectorIndex['kind'] {
    return this.#options.index.kind;
  }

  /** @throws FoveaError COLLECTION_NOT_FOUND, EMBEDDING_MODEL_MISMATCH, FACE_NOT_FOUND, what `FaceAnalyzer.embed` throws. */
  async identify(request: IdentifyRequest, signal?: AbortSignal): Promise<Identified> {
    const { place, pictures, choice, top } = request;
    const { collections, analyzer, index } = this.#options;
    const embedder = embedderOf(analyzer);
    const before = await collections.get(place.id, place.owner);
    if (!before) throw noCollection(place.id);
    checkCurrent(before, embedder);
    const threshold = thresholdOf(request.threshold ?? before.threshold ?? undefined, embedder);
    const found = await Promise.all(
      pictures.map(async (picture) => analyzer.embed(picture, choice, { signal })),
    );
    const queries = found.flatMap(({ chosen }) =>
      chosen.map(({ embedding }) => Float32Array.from(embedding)),
    );
    // Read again: what was enrolled while the pictures were looked at counts.
    const collection = await collections.get(place.id, place.owner);
    if (!collection) throw noCollection(place.id);
    checkCurrent(collection, embedder);
    const started = performance.now();
    const set = collection.faceCount > 0 ? vectorSetOf(collection) : undefined;
    const bounds = { most: top, least: threshold };
    const near = set ? await index.search(set, queries, bounds, signal) : queries.map(() => []);
    const searchMs = performance.now() - started;
    const matches = await this.#named(near);
    let next = 0;
    const answers = found.map((each) => {
      const from = next;
      next += each.chosen.length;
      return { found: each, matches: matches.slice(from, next) };
    });
    return { pictures: answers, threshold, embedder, searchMs };
  }

  async #named(near: readonly (readonly Neighbour[])[]): Promise<Match[][]> {
    const ids = [...new Set(near.flatMap((list) => list.map(({ personId }) => personId)))];
    const names = await this.#options.persons.names(ids);
    return near.map((list) =>
      list.flatMap(({ personId, faceId, similarity }) => {
        const name = names.get(personId);
        // Somebody who was deleted just now is nobody's match.
        if (name === undefined) return [];
        return { person_id: personId, person_name: name, face_id: faceId, similarity };
      }),
    );
  }
}

/** @throws FoveaError REQUEST_INVALID when neither the request nor the recogniser's manifest has one. */
export function thresholdOf(given: number | undefined, { name, match }: Embedder): number {
  const threshold = given ?? match;
  if (threshold !== undefined) return threshold;
  throw new FoveaError(
    'REQUEST_INVALID',
    `Nobody has measured from which similarity on ${name} shows the same person; send \`threshold\`.`,
    { field: 'threshold' },
  );
}
