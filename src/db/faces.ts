import { sql, type Selectable } from 'kysely';
import type { FaceQuality } from '../protocol/face.ts';
import type { Box } from '../protocol/image.ts';
import type { Database } from './database.ts';
import { ownedBy, type OwnerScope } from './owner-id.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { FacesTable, Within } from './tables.ts';

/** A vector of length 1 and where it comes from. */
export interface FaceVector {
  readonly modelDigest: string;
  readonly embedding: Float32Array;
  /** Length before normalisation. */
  readonly embeddingNorm: number | null;
}

export interface FaceRecord {
  readonly id: string;
  readonly personId: string;
  readonly imageId: string | null;
  /** Pixels of the upright image. */
  readonly box: Box;
  readonly score: number;
  readonly quality: FaceQuality;
  readonly forced: boolean;
  readonly modelDigest: string;
  readonly createdAt: Date;
}

export type NewFace = Omit<FaceRecord, 'createdAt' | 'modelDigest'> &
  FaceVector & { readonly collectionId: string };

/** A face whose vector is to be made anew. */
export interface StaleFace {
  readonly id: string;
  readonly imageId: string | null;
  readonly box: Box;
}

const columns = [
  'id',
  'person_id',
  'image_id',
  'box',
  'score',
  'quality',
  'forced',
  'model_digest',
  'created_at',
] as const;

/** The table `faces`. Throws what `Database.query` throws. Writers have bumped, and so locked, the collection. */
export class FaceTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(faces: readonly NewFace[], revision: bigint, within: Within): Promise<FaceRecord[]> {
    const rows = await within
      .insertInto('faces')
      .values(faces.map((face) => toRow(face, revision)))
      .returning(columns)
      .execute();
    return rows.map(toRecord);
  }

  /** Newest first. */
  async list(personId: string, page: PageRequest): Promise<Page<FaceRecord>> {
    const rows = await this.#database.query((db) =>
      newestFirst(
        db.selectFrom('faces').select(columns).where('person_id', '=', personId),
        page,
      ).execute(),
    );
    return pageOf(rows.map(toRecord), page.limit, ({ createdAt }) => createdAt);
  }

  /** A stored vector, wherever its owner keeps it. */
  async vector(id: string, owner: OwnerScope): Promise<FaceVector | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('faces')
        .innerJoin('collections', 'collections.id', 'faces.collection_id')
        .select(['faces.model_digest', 'faces.embedding', 'faces.embedding_norm'])
        .where('faces.id', '=', id)
        .where(ownedBy(owner))
        .executeTakeFirst(),
    );
    if (!row) return undefined;
    return {
      modelDigest: row.model_digest,
      embedding: floatsOf(row.embedding),
      embeddingNorm: row.embedding_norm,
    };
  }

  /** What removing these faces takes along; `faceId` left out: all of the persons. */
  async gone(
    collectionId: string,
    { personIds, faceId }: { readonly personIds?: readonly string[]; readonly faceId?: string },
    within: Within,
  ): Promise<{ ids: string[]; imageIds: string[] }> {
    const { rows } = await sql<{ id: string; image_id: string | null }>`
      select id, image_id from faces where collection_id = ${collectionId}
        and (${personIds === undefined} or person_id = any(${[...(personIds ?? [])]}::uuid[]))
        and (${faceId === undefined} or id = ${faceId ?? null}::uuid)`.execute(within);
    return {
      ids: rows.map(({ id }) => id),
      imageIds: [...new Set(rows.flatMap(({ image_id: imageId }) => imageId ?? []))],
    };
  }

  /** Removes faces and notes their ids for the copies of vectors elsewhere. */
  async remove(
    collectionId: string,
    ids: readonly string[],
    revision: bigint,
    within: Within,
  ): Promise<void> {
    if (ids.length === 0) return;
    await sql`insert into removed_faces (collection_id, revision, face_id)
      select ${collectionId}::uuid, ${revision.toString()}::bigint, id from unnest(${[...ids]}::uuid[]) as gone (id)`.execute(
      within,
    );
    await sql`delete from faces where id = any(${[...ids]}::uuid[])`.execute(within);
  }

  /** Gives the faces of some persons to another one. */
  async move(from: readonly string[], to: string, revision: bigint, within: Within): Promise<void> {
    await within
      .updateTable('faces')
      .set({ person_id: to, revision: revision.toString() })
      .where('person_id', 'in', from)
      .execute();
  }

  /** Puts a new vector in the place of the old one; nothing happens when the face is gone. */
  async replaceVector(
    id: string,
    { modelDigest, embedding, embeddingNorm }: FaceVector,
    revision: bigint,
    within: Within,
  ): Promise<void> {
    await within
      .updateTable('faces')
      .set({
        model_digest: modelDigest,
        embedding: bytesOf(embedding),
        embedding_norm: embeddingNorm,
        revision: revision.toString(),
      })
      .where('id', '=', id)
      .execute();
  }

  /** Faces of another recogniser than this, in the order of their ids, after one. */
  async stale(
    collectionId: string,
    digest: string,
    after: string | null,
    limit: number,
  ): Promise<StaleFace[]> {
    const { rows } = await this.#database.query((db) =>
      sql<{ id: string; image_id: string | null; box: number[] }>`
        select id, image_id, box from faces where collection_id = ${collectionId}
          and model_digest <> ${digest} and (${after}::uuid is null or id > ${after}::uuid)
        order by id limit ${limit}`.execute(db),
    );
    return rows.map((row) => ({
      id: row.id,
      imageId: row.image_id,
      box: row.box as unknown as Box,
    }));
  }

  async countStale(collectionId: string, digest: string, within: Within): Promise<number> {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from faces
      where collection_id = ${collectionId} and model_digest <> ${digest}`.execute(within);
    return rows[0]?.count ?? 0;
  }

  /** Forgets which faces went before `before`: copies of vectors that are older are loaded anew. */
  async forgetRemoved(before: Date): Promise<void> {
    await this.#database.query((db) =>
      sql`with old as (delete from removed_faces where removed_at < ${before}
            returning collection_id, revision),
          newest as (select collection_id, max(revision) as revision from old group by collection_id)
        update collections set forgotten_revision = greatest(forgotten_revision, newest.revision)
        from newest where collections.id = newest.collection_id`.execute(db),
    );
  }
}

/** Little-endian, as every platform of Node is. */
function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

function floatsOf(bytes: Buffer): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function toRow(face: NewFace, revision: bigint) {
  return {
    id: face.id,
    collection_id: face.collectionId,
    person_id: face.personId,
    // The image may have been deleted while its face was looked at.
    image_id: sql<string | null>`(select id from images where id = ${face.imageId}::uuid)`,
    box: [...face.box],
    score: face.score,
    quality: JSON.stringify(face.quality),
    forced: face.forced,
    model_digest: face.modelDigest,
    embedding: bytesOf(face.embedding),
    embedding_norm: face.embeddingNorm,
    revision: revision.toString(),
  };
}

function toRecord(row: Pick<Selectable<FacesTable>, (typeof columns)[number]>): FaceRecord {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = row.box;
  return {
    id: row.id,
    personId: row.person_id,
    imageId: row.image_id,
    box: [x1, y1, x2, y2],
    score: row.score,
    quality: row.quality,
    forced: row.forced,
    modelDigest: row.model_digest,
    createdAt: row.created_at,
  };
}
