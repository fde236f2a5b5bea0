import { sql, type Selectable } from 'kysely';
import type { Database } from './database.ts';
import { ownedBy, ownerFrom, storedOwner, type OwnerScope } from './owner-id.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { CollectionsTable, Within } from './tables.ts';

/** The recogniser that made the vectors of a collection. */
export interface VectorModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** Values of a vector. */
  readonly size: number;
}

export interface CollectionRecord {
  readonly id: string;
  /** null under open access. */
  readonly ownerId: string | null;
  readonly name: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Cosine; null: the recogniser's own. */
  readonly threshold: number | null;
  /** null while there has been no face. */
  readonly model: VectorModel | null;
  readonly personCount: number;
  readonly faceCount: number;
  /** Counts the changes of its faces. */
  readonly revision: bigint;
  /** Removals up to this revision are not listed any more. */
  readonly forgottenRevision: bigint;
  /** The job that makes the vectors anew, until it is done. */
  readonly reembedId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewCollection = Pick<
  CollectionRecord,
  'id' | 'ownerId' | 'name' | 'description' | 'metadata' | 'threshold'
>;

export interface CollectionEdit {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly threshold?: number | null | undefined;
}

/** The table `collections`. Throws what `Database.query` throws. */
export class CollectionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async transaction<T>(work: (within: Within) => Promise<T>): Promise<T> {
    return await this.#database.transaction(work);
  }

  /** Resolves with undefined when its owner has one of this name. */
  async insert(made: NewCollection, within: Within): Promise<CollectionRecord | undefined> {
    const { ownerId, metadata, ...rest } = made;
    const row = await within
      .insertInto('collections')
      .values({ ...rest, owner_id: storedOwner(ownerId), metadata: JSON.stringify(metadata) })
      .onConflict((at) => at.columns(['owner_id', 'name']).doNothing())
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  async get(id: string, owner: OwnerScope): Promise<CollectionRecord | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('collections')
        .selectAll()
        .where('id', '=', id)
        .where(ownedBy(owner))
        .executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  /** The same, kept from changing until the transaction ends. */
  async lock(id: string, owner: OwnerScope, within: Within): Promise<CollectionRecord | undefined> {
    const row = await within
      .selectFrom('collections')
      .selectAll()
      .where('id', '=', id)
      .where(ownedBy(owner))
      .forUpdate()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  /** Newest first. */
  async list(owner: OwnerScope, page: PageRequest): Promise<Page<CollectionRecord>> {
    const rows = await this.#database.query((db) =>
      newestFirst(db.selectFrom('collections').selectAll().where(ownedBy(owner)), page).execute(),
    );
    return pageOf(rows.map(toRecord), page.limit, ({ createdAt }) => createdAt);
  }

  /** Resolves with undefined when the name is taken by another of its owner. The row must be locked. */
  async edit(
    { id, ownerId }: CollectionRecord,
    { metadata, ...change }: CollectionEdit,
    within: Within,
  ): Promise<CollectionRecord | undefined> {
    const row = await within
      .updateTable('collections')
      .set({
        ...change,
        ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
        updated_at: sql<Date>`now()`,
      })
      .where('id', '=', id)
      .where(
        change.name === undefined
          ? sql<boolean>`true`
          : sql<boolean>`not exists (select from collections c
              where c.owner_id = ${storedOwner(ownerId)}::uuid and c.name = ${change.name} and c.id <> ${id}::uuid)`,
      )
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  /** Counts a change of its faces; resolves with the new revision. The row is locked by it. */
  async bump(
    id: string,
    more: { readonly persons?: number; readonly faces?: number },
    within: Within,
  ): Promise<bigint> {
    const { rows } = await sql<{ revision: string }>`
      update collections set revision = revision + 1, updated_at = now(),
        person_count = person_count + ${more.persons ?? 0}, face_count = face_count + ${more.faces ?? 0}
      where id = ${id} returning revision`.execute(within);
    return BigInt(rows[0]?.revision ?? 0);
  }

  /** Says whose vectors it holds, and which job makes them. */
  async setModel(
    id: string,
    { name, version, digest, size }: VectorModel,
    reembedId: string | null,
    within: Within,
  ): Promise<void> {
    await within
      .updateTable('collections')
      .set({
        model_name: name,
        model_version: version,
        model_digest: digest,
        dimensions: size,
        reembed_id: reembedId,
      })
      .where('id', '=', id)
      .execute();
  }

  /** The job is done, unless another one has begun. */
  async reembedded(id: string, jobId: string, within: Within): Promise<void> {
    await within
      .updateTable('collections')
      .set({ reembed_id: null })
      .where('id', '=', id)
      .where('reembed_id', '=', jobId)
      .execute();
  }

  /** With everybody in it. */
  async remove(id: string, within: Within): Promise<void> {
    await within.deleteFrom('collections').where('id', '=', id).execute();
  }

  /** The revisions of those that are still there. */
  async revisions(ids: readonly string[]): Promise<ReadonlyMap<string, CollectionRecord>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#database.query((db) =>
      db.selectFrom('collections').selectAll().where('id', 'in', ids).execute(),
    );
    return new Map(rows.map((row) => [row.id, toRecord(row)]));
  }
}

function toRecord(row: Selectable<CollectionsTable>): CollectionRecord {
  const { model_name: name, model_version: version, model_digest: digest, dimensions: size } = row;
  const known = name !== null && version !== null && digest !== null && size !== null;
  return {
    id: row.id,
    ownerId: ownerFrom(row.owner_id),
    name: row.name,
    description: row.description,
    metadata: row.metadata,
    threshold: row.threshold,
    model: known ? { name, version, digest, size } : null,
    personCount: row.person_count,
    faceCount: row.face_count,
    revision: BigInt(row.revision),
    forgottenRevision: BigInt(row.forgotten_revision),
    reembedId: row.reembed_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
