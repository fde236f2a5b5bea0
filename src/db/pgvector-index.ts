import { sql, type RawBuilder } from 'kysely';
import { mergeNeighbours } from '../vectors/person-ranking.ts';
import { uuidAt } from '../vectors/uuid-at.ts';
import type {
  Neighbour,
  SearchBounds,
  VectorBlock,
  VectorIndex,
  VectorSet,
  VectorSource,
} from '../vectors/vector-index.ts';
import type { Database } from './database.ts';

export interface PgvectorIndexOptions {
  readonly database: Database;
  readonly source: VectorSource;
  /** Searches by graphs (HNSW), which is faster and may miss neighbours. */
  readonly approximate: boolean;
}

interface Found {
  readonly person_id: string;
  readonly face_id: string;
  readonly similarity: number;
}

/** The most that pgvector takes for `hnsw.ef_search`. */
const mostCandidates = 1_000;
/** A graph is searched for this many vectors per person that is asked for. */
const candidatesPerPerson = 20;
const fewestCandidates = 100;

/**
 * Vectors in PostgreSQL's extension pgvector, in the schema `fovea_vectors`. They are copies of those in `faces`, brought up
 * to a set's revision before a search, and go with their faces by foreign keys. All servers share them.
 */
export class PgvectorIndex implements VectorIndex {
  readonly kind: 'pgvector' | 'hnsw';
  readonly #options: PgvectorIndexOptions;
  /** The work on each set that was begun last. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(options: PgvectorIndexOptions) {
    this.#options = options;
    this.kind = options.approximate ? 'hnsw' : 'pgvector';
  }

  /** Makes what it needs in the database. Resolves with false when the server does not have the extension. */
  async prepare(): Promise<boolean> {
    const { database } = this.#options;
    const { rows } = await database.query((db) =>
      sql`select from pg_available_extensions where name = 'vector'`.execute(db),
    );
    if (rows.length === 0) return false;
    await database.transaction(async (within) => {
      // Two servers that do this at once would be in each other's way.
      await sql`select pg_advisory_xact_lock(hashtext('fovea_vectors'))`.execute(within);
      await sql`create extension if not exists vector`.execute(within);
      await sql`create schema if not exists fovea_vectors`.execute(within);
      await sql`create table if not exists fovea_vectors.faces (
        face_id uuid primary key references faces on delete cascade,
        collection_id uuid not null, revision bigint not null, embedding vector not null)`.execute(
        within,
      );
      await sql`alter table fovea_vectors.faces alter column embedding set storage plain`.execute(
        within,
      );
      await sql`create index if not exists faces_collection on fovea_vectors.faces (collection_id)`.execute(
        within,
      );
      await sql`create table if not exists fovea_vectors.sets (
        collection_id uuid primary key references collections on delete cascade,
        digest text not null, revision bigint not null)`.execute(within);
    });
    return true;
  }

  held(): readonly string[] {
    return [];
  }

  async search(
    set: VectorSet,
    queries: readonly Float32Array[],
    bounds: SearchBounds,
    signal?: AbortSignal,
  ): Promise<Neighbour[][]> {
    await this.refresh(set);
    const found: Neighbour[][] = [];
    for (const query of queries) {
      signal?.throwIfAborted();
      found.push(await this.#searchOne(set, query, bounds));
    }
    return found;
  }

  async refresh(set: VectorSet): Promise<void> {
    const before = this.#tails.get(set.id) ?? Promise.resolve();
    const done = before.catch(() => undefined).then(async () => this.#advance(set));
    this.#tails.set(set.id, done);
    await done.finally(() => {
      if (this.#tails.get(set.id) === done) this.#tails.delete(set.id);
    });
  }

  async drop(setId: string): Promise<void> {
    const { database } = this.#options;
    await database.query((db) =>
      sql`drop index if exists fovea_vectors.${graphName(setId)}`.execute(db),
    );
    await database.query((db) =>
      sql`delete from fovea_vectors.faces where collection_id = ${setId}`.execute(db),
    );
    await database.query((db) =>
      sql`delete from fovea_vectors.sets where collection_id = ${setId}`.execute(db),
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#tails.values());
  }

  async #advance(set: VectorSet): Promise<void> {
    const { database, source, approximate } = this.#options;
    const { rows } = await database.query((db) =>
      sql<{ digest: string; revision: string; graph: boolean }>`
        select digest, revision, to_regclass(${`fovea_vectors.${graphOf(set.id)}`}) is not null as graph
        from fovea_vectors.sets where collection_id = ${set.id}`.execute(db),
    );
    const [known] = rows;
    // Copies of a server that searches exactly have no graph, and one over all of them would take too long for a statement.
    const same = known?.digest === set.digest && (known.graph || !approximate);
    if (same && BigInt(known.revision) >= set.revision) return;
    if (known && !same) await this.drop(set.id);
    // Before there is anything in it: a statement is short then, however many vectors come.
    if (approximate) await this.#makeGraph(set);
    for await (const block of source.blocks(set, same ? BigInt(known.revision) : 0n))
      await this.#put(set, block);
    await database.query((db) =>
      sql`insert into fovea_vectors.sets (collection_id, digest, revision)
        values (${set.id}, ${set.digest}, ${set.revision.toString()}::bigint)
        on conflict (collection_id) do update set digest = excluded.digest,
          revision = greatest(sets.revision, excluded.revision)`.execute(db),
    );
  }

  async #makeGraph(set: VectorSet): Promise<void> {
    await this.#options.database.query((db) =>
      sql`create index if not exists ${graphName(set.id)} on fovea_vectors.faces
        using hnsw ((embedding::vector(${sql.lit(set.dimensions)})) vector_ip_ops)
        where collection_id = ${sql.lit(set.id)}`.execute(db),
    );
  }

  /** Faces that went meanwhile are left out. */
  async #put(set: VectorSet, { faceIds, vectors }: VectorBlock): Promise<void> {
    const count = faceIds.length / 16;
    const ids = Array.from({ length: count }, (_, index) => uuidAt(faceIds, index * 16));
    const texts = ids.map((_, index) =>
      vectorText(vectors.subarray(index * set.dimensions, (index + 1) * set.dimensions)),
    );
    await this.#options.database.query((db) =>
      sql`insert into fovea_vectors.faces (face_id, collection_id, revision, embedding)
        select face.id, face.collection_id, face.revision, given.embedding::vector
        from unnest(${ids}::uuid[], ${texts}::text[]) as given (id, embedding)
        join faces face on face.id = given.id for key share of face
        on conflict (face_id) do update set revision = excluded.revision, embedding = excluded.embedding
          where faces.revision <= excluded.revision`.execute(db),
    );
  }

  async #searchOne(
    set: VectorSet,
    query: Float32Array,
    bounds: SearchBounds,
  ): Promise<Neighbour[]> {
    const text = vectorText(query);
    if (!this.#options.approximate) return await this.#exact(set, text, bounds);
    const { most, least } = bounds;
    const wanted = Math.max(fewestCandidates, most * candidatesPerPerson);
    const limit = Math.min(mostCandidates, wanted);
    const near = await this.#candidates(set, text, limit);
    const persons = mergeNeighbours([near], most);
    const last = near.at(-1);
    // All candidates are of few persons, and farther ones would be near enough: only a full search can tell.
    if (persons.length < most && near.length === limit && last && last.similarity >= least)
      return await this.#exact(set, text, bounds);
    return persons.filter(({ similarity }) => similarity >= least);
  }

  async #candidates(set: VectorSet, query: string, limit: number): Promise<Neighbour[]> {
    const distance = sql`embedding::vector(${sql.lit(set.dimensions)}) <#> ${query}::vector`;
    const { rows } = await this.#options.database.transaction(async (within) => {
      await sql`set local hnsw.ef_search = ${sql.lit(limit)}`.execute(within);
      return await sql<Found>`
        select face.person_id, near.face_id, near.similarity from (
          select face_id, -(${distance}) as similarity from fovea_vectors.faces
          where collection_id = ${sql.lit(set.id)} order by ${distance} limit ${sql.lit(limit)}
        ) near join faces face on face.id = near.face_id order by near.similarity desc`.execute(
        within,
      );
    });
    return rows.map(neighbourOf);
  }

  async #exact(set: VectorSet, query: string, { most, least }: SearchBounds): Promise<Neighbour[]> {
    const { rows } = await this.#options.database.query((db) =>
      sql<Found>`select * from (
          select distinct on (face.person_id) face.person_id, copy.face_id,
            -(copy.embedding <#> ${query}::vector) as similarity
          from fovea_vectors.faces copy join faces face on face.id = copy.face_id
          where copy.collection_id = ${set.id} and face.model_digest = ${set.digest}
          order by face.person_id, copy.embedding <#> ${query}::vector
        ) best where similarity >= ${least} order by similarity desc limit ${most}`.execute(db),
    );
    return rows.map(neighbourOf);
  }
}

function neighbourOf({ person_id: personId, face_id: faceId, similarity }: Found): Neighbour {
  return { personId, faceId, similarity: Math.min(1, Math.max(-1, similarity)) };
}

function graphName(setId: string): RawBuilder<unknown> {
  return sql.id(graphOf(setId));
}

function graphOf(setId: string): string {
  return `hnsw_${setId.replaceAll('-', '')}`;
}

function vectorText(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}
