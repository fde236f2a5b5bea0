import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { sql } from 'kysely';
import { vectorSetOf } from '../../src/collections/vector-set.ts';
import { CollectionTable } from '../../src/db/collections.ts';
import type { Database } from '../../src/db/database.ts';
import { FaceTable } from '../../src/db/faces.ts';
import { FaceVectors } from '../../src/db/face-vectors.ts';
import { PersonTable } from '../../src/db/persons.ts';
import { PgvectorIndex } from '../../src/db/pgvector-index.ts';
import { ExactIndex } from '../../src/vectors/exact-index.ts';
import { PreferredIndex } from '../../src/vectors/preferred-index.ts';
import type { VectorIndex, VectorSet } from '../../src/vectors/vector-index.ts';
import { pgvectorServer } from '../support/pgvector.ts';
import { testDatabase } from '../support/postgres.ts';

const size = 32;
const quality = { score: 1, sharpness: 1, brightness: 1, size: 1, pose: 1, reasons: [] };

/** Park and Miller's generator: the same vectors every time. */
function vectorsOf(seed: number): () => Float32Array {
  let state = seed;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
  return () => {
    const vector = Float32Array.from({ length: size }, random);
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
}

/** A collection in a real database, and what is in it. */
class Crowd {
  readonly vectors = new Map<string, { readonly person: string; readonly vector: Float32Array }>();
  readonly #database: Database;
  readonly #collections: CollectionTable;
  readonly #faces: FaceTable;
  readonly id = randomUUIDv7();
  digest = 'a';

  constructor(database: Database) {
    this.#database = database;
    this.#collections = new CollectionTable(database);
    this.#faces = new FaceTable(database);
  }

  async make(): Promise<void> {
    const more = { name: this.id, description: '', metadata: {}, threshold: null };
    const { id } = this;
    await this.#collections.transaction(async (within) => {
      await this.#collections.insert({ id, ownerId: null, ...more }, within);
      const model = { name: 'm', version: '1', digest: this.digest, size };
      await this.#collections.setModel(id, model, null, within);
    });
  }

  async person(vectors: readonly Float32Array[]): Promise<string> {
    const person = randomUUIDv7();
    const rows = vectors.map((vector) => ({ id: randomUUIDv7(), person, vector }));
    await this.#collections.transaction(async (within) => {
      const more = { persons: 1, faces: rows.length };
      const revision = await this.#collections.bump(this.id, more, within);
      const persons = new PersonTable(this.#database);
      await persons.insert({ id: person, collectionId: this.id, name: 'x', metadata: {} }, within);
      await this.#faces.insert(
        rows.map(({ id, vector }) => ({
          id,
          collectionId: this.id,
          personId: person,
          imageId: null,
          box: [0, 0, 1, 1],
          score: 1,
          quality,
          forced: false,
          modelDigest: this.digest,
          embedding: vector,
          embeddingNorm: null,
        })),
        revision,
        within,
      );
    });
    for (const { id, vector } of rows) this.vectors.set(id, { person, vector });
    return person;
  }

  async remove(faces: readonly string[]): Promise<void> {
    await this.#collections.transaction(async (within) => {
      const revision = await this.#collections.bump(this.id, { faces: -faces.length }, within);
      await this.#faces.remove(this.id, faces, revision, within);
    });
    for (const id of faces) this.vectors.delete(id);
  }

  async merge(from: string, into: string): Promise<void> {
    await this.#collections.transaction(async (within) => {
      const revision = await this.#collections.bump(this.id, {}, within);
      await this.#faces.move([from], into, revision, within);
    });
    for (const [id, { person, vector }] of this.vectors)
      if (person === from) this.vectors.set(id, { person: into, vector });
  }

  async replace(face: string, vector: Float32Array): Promise<void> {
    await this.#collections.transaction(async (within) => {
      const revision = await this.#collections.bump(this.id, {}, within);
      const made = { modelDigest: this.digest, embedding: vector, embeddingNorm: null };
      await this.#faces.replaceVector(face, made, revision, within);
    });
    const known = this.vectors.get(face);
    if (known) this.vectors.set(face, { ...known, vector });
  }

  async set(): Promise<VectorSet> {
    const record = await this.#collections.get(this.id, null);
    const set = record && vectorSetOf(record);
    assert.ok(set);
    return set;
  }

  facesOf(person: string): string[] {
    return [...this.vectors].flatMap(([id, each]) => (each.person === person ? id : []));
  }

  /** By comparing with everything, in double precision. */
  nearest(query: Float32Array, most: number, least: number): { person: string; cosine: number }[] {
    const best = new Map<string, number>();
    for (const { person, vector } of this.vectors.values()) {
      const cosine = vector.reduce((sum, value, index) => sum + value * (query[index] ?? 0), 0);
      best.set(person, Math.max(best.get(person) ?? -1, cosine));
    }
    return [...best]
      .map(([person, cosine]) => ({ person, cosine }))
      .filter(({ cosine }) => cosine >= least)
      .toSorted((a, b) => b.cosine - a.cosine)
      .slice(0, most);
  }
}

interface Kind {
  readonly name: string;
  readonly open: (t: TestContext) => Promise<{ database: Database; index: VectorIndex }>;
}

async function opened(
  t: TestContext,
  database: Database,
  index: VectorIndex,
): Promise<{ database: Database; index: VectorIndex }> {
  t.after(() => index.close());
  return await Promise.resolve({ database, index });
}

async function pgvector(t: TestContext, approximate: boolean) {
  const database = await testDatabase(t, await pgvectorServer());
  const index = new PgvectorIndex({ database, source: new FaceVectors(database), approximate });
  assert.equal(await index.prepare(), true);
  return await opened(t, database, index);
}

async function exact(t: TestContext, memoryBytes: number) {
  const database = await testDatabase(t);
  return await opened(
    t,
    database,
    new ExactIndex({ source: new FaceVectors(database), memoryBytes }),
  );
}

const kinds: readonly Kind[] = [
  { name: 'exact, in memory', open: async (t) => exact(t, 1e9) },
  { name: 'exact, larger than the memory', open: async (t) => exact(t, 1) },
  { name: 'pgvector, exact', open: async (t) => pgvector(t, false) },
  { name: 'pgvector, HNSW', open: async (t) => pgvector(t, true) },
];

for (const { name, open } of kinds) {
  describe(`a vector index: ${name}`, () => {
    const agree = async (
      index: VectorIndex,
      crowd: Crowd,
      queries: readonly Float32Array[],
      bounds = { most: 5, least: -1 },
    ): Promise<void> => {
      const found = await index.search(await crowd.set(), queries, bounds);
      assert.equal(found.length, queries.length);
      for (const [at, query] of queries.entries()) {
        const wanted = crowd.nearest(query, bounds.most, bounds.least);
        const got = found[at] ?? [];
        assert.deepEqual(
          got.map(({ personId }) => personId),
          wanted.map(({ person }) => person),
        );
        for (const [rank, { similarity, faceId, personId }] of got.entries()) {
          assert.ok(Math.abs(similarity - (wanted[rank]?.cosine ?? 9)) < 1e-5);
          assert.equal(crowd.vectors.get(faceId)?.person, personId);
        }
      }
    };

    it('finds the nearest persons, each once, and none below the threshold', async (t) => {
      const { database, index } = await open(t);
      const crowd = new Crowd(database);
      await crowd.make();
      const next = vectorsOf(1);
      for (let each = 0; each < 30; each++)
        await crowd.person(Array.from({ length: 1 + (each % 4) }, next));
      const queries = Array.from({ length: 4 }, next);
      await agree(index, crowd, queries);
      await agree(index, crowd, queries, { most: 100, least: 0.1 });
      await agree(index, crowd, queries, { most: 1, least: 0.99 });
      assert.deepEqual(await index.search(await crowd.set(), [], { most: 1, least: 0 }), []);
    });

    it('sees every change that the set it is given has', async (t) => {
      const { database, index } = await open(t);
      const crowd = new Crowd(database);
      await crowd.make();
      const next = vectorsOf(2);
      const queries = Array.from({ length: 3 }, next);
      const persons: string[] = [];
      for (let each = 0; each < 12; each++) persons.push(await crowd.person([next(), next()]));
      await agree(index, crowd, queries);
      const [first = '', second = '', third = ''] = persons;
      await crowd.remove(crowd.facesOf(first));
      await agree(index, crowd, queries, { most: 20, least: -1 });
      await crowd.merge(second, third);
      await agree(index, crowd, queries, { most: 20, least: -1 });
      const [face = ''] = crowd.facesOf(third);
      await crowd.replace(face, queries[0] ?? next());
      await agree(index, crowd, queries, { most: 20, least: -1 });
      await crowd.person(queries);
      await agree(index, crowd, queries, { most: 20, least: -1 });
      await crowd.remove([...crowd.vectors.keys()]);
      await agree(index, crowd, queries);
    });

    it('does not need the list of removals once it was forgotten', async (t) => {
      const { database, index } = await open(t);
      const crowd = new Crowd(database);
      await crowd.make();
      const next = vectorsOf(3);
      const queries = [next()];
      for (let each = 0; each < 8; each++) await crowd.person([next()]);
      await agree(index, crowd, queries);
      await crowd.remove([...crowd.vectors.keys()].slice(0, 3));
      await new FaceTable(database).forgetRemoved(new Date(Date.now() + 60_000));
      const { rows } = await database.query((db) => sql`select from removed_faces`.execute(db));
      assert.equal(rows.length, 0);
      await agree(index, crowd, queries, { most: 20, least: -1 });
    });

    it('keeps collections apart, and answers many at once', async (t) => {
      const { database, index } = await open(t);
      const crowds = [new Crowd(database), new Crowd(database)];
      const next = vectorsOf(4);
      for (const crowd of crowds) {
        await crowd.make();
        for (let each = 0; each < 6; each++) await crowd.person([next()]);
      }
      const queries = Array.from({ length: 5 }, next);
      await Promise.all(
        queries.flatMap((query) =>
          crowds.map(async (crowd) => agree(index, crowd, [query], { most: 20, least: -1 })),
        ),
      );
      await index.drop(crowds[0]?.id ?? '');
      await agree(index, crowds[1] ?? new Crowd(database), queries);
    });
  });
}

describe('an approximate index', () => {
  it('finds who a picture is a noisy copy of, among 2,000, as nearly always as an exact one', async (t) => {
    const database = await testDatabase(t, await pgvectorServer());
    const source = new FaceVectors(database);
    const crowd = new Crowd(database);
    await crowd.make();
    // Few directions for so many: every query has hundreds of vectors that are nearly as near.
    const next = vectorsOf(6);
    const enrolled = Array.from({ length: 2_000 }, next);
    for (let from = 0; from < enrolled.length; from += 50)
      await crowd.person(enrolled.slice(from, from + 50));
    const asked = enrolled.filter((_, at) => at % 20 === 7);
    const queries = asked.map((face) => {
      const noise = next();
      const noisy = face.map((value, index) => 0.8 * value + 0.6 * (noise[index] ?? 0));
      const length = Math.hypot(...noisy);
      return noisy.map((value) => value / length);
    });
    const set = await crowd.set();
    const bounds = { most: 1, least: -1 };
    const graphs = async (): Promise<number> => {
      const { rows } = await database.query((db) =>
        sql`select from pg_indexes where schemaname = 'fovea_vectors' and indexname like 'hnsw%'`.execute(
          db,
        ),
      );
      return rows.length;
    };
    // A server that searched exactly was here before.
    const exactly = new PgvectorIndex({ database, source, approximate: false });
    const index = new PgvectorIndex({ database, source, approximate: true });
    t.after(async () => Promise.all([exactly.close(), index.close()]));
    assert.equal(await index.prepare(), true);
    await exactly.search(set, queries.slice(0, 1), bounds);
    assert.equal(await graphs(), 0);
    const found = await index.search(set, queries, bounds);
    assert.equal(await graphs(), 1);
    const nearest = queries.map((query) => crowd.nearest(query, 1, -1)[0]?.person);
    const same = found.filter(([first], at) => first?.personId === nearest[at]);
    assert.ok(same.length >= 0.97 * queries.length, `${same.length} of ${queries.length}`);
    const right = found.filter(
      ([first], at) => first && crowd.vectors.get(first.faceId)?.vector === asked[at],
    );
    assert.ok(right.length >= 0.95 * queries.length, `${right.length} of ${queries.length}`);
  });
});

describe('a preferred index', () => {
  it('is exact in memory where the database has no pgvector, and says so', async (t) => {
    const database = await testDatabase(t);
    const source = new FaceVectors(database);
    let told = 0;
    const index = new PreferredIndex({
      preferred: new PgvectorIndex({ database, source, approximate: true }),
      fallback: new ExactIndex({ source, memoryBytes: 1e9 }),
      onFallback: () => told++,
    });
    t.after(() => index.close());
    const crowd = new Crowd(database);
    await crowd.make();
    const next = vectorsOf(5);
    const person = await crowd.person([next()]);
    const [found] = await index.search(await crowd.set(), [next()], { most: 3, least: -1 });
    assert.deepEqual(
      found?.map(({ personId }) => personId),
      [person],
    );
    assert.deepEqual([index.kind, told], ['exact', 1]);
  });
});
