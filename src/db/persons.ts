import { sql } from 'kysely';
import type { Database } from './database.ts';
import { afterCursor, pageOf, type Page, type PageRequest } from './page.ts';
import type { Within } from './tables.ts';

export interface PersonRecord {
  readonly id: string;
  readonly collectionId: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly faceCount: number;
  /** The image of the newest face that has one. */
  readonly coverImageId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewPerson = Pick<PersonRecord, 'id' | 'collectionId' | 'name' | 'metadata'>;

export interface PersonEdit {
  readonly name?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

interface Row {
  readonly id: string;
  readonly collection_id: string;
  readonly name: string;
  readonly metadata: Record<string, unknown>;
  readonly face_count: number;
  readonly cover_image_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const shown = sql`id, collection_id, name, metadata, created_at, updated_at,
  (select count(*)::int from faces f where f.person_id = persons.id) as face_count,
  (select f.image_id from faces f where f.person_id = persons.id and f.image_id is not null
    order by f.created_at desc, f.id desc limit 1) as cover_image_id`;

/** The table `persons`. Throws what `Database.query` throws. */
export class PersonTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(
    { id, collectionId, name, metadata }: NewPerson,
    within: Within,
  ): Promise<PersonRecord> {
    await within
      .insertInto('persons')
      .values({ id, collection_id: collectionId, name, metadata: JSON.stringify(metadata) })
      .execute();
    const made = await this.get(collectionId, id, within);
    if (!made) throw new Error('a person that was just added is there');
    return made;
  }

  async get(collectionId: string, id: string, within?: Within): Promise<PersonRecord | undefined> {
    const { rows } = await this.#database.query(
      (db) =>
        sql<Row>`select ${shown} from persons where id = ${id} and collection_id = ${collectionId}`.execute(
          db,
        ),
      within,
    );
    return rows[0] && toRecord(rows[0]);
  }

  /** Newest first; `name`: a part of it, whatever the case. */
  async list(
    collectionId: string,
    { limit, cursor, name }: PageRequest & { readonly name?: string | undefined },
  ): Promise<Page<PersonRecord>> {
    const named = name === undefined ? sql`true` : sql`position(lower(${name}) in lower(name)) > 0`;
    const { rows } = await this.#database.query((db) =>
      sql<Row>`select ${shown} from persons
        where collection_id = ${collectionId} and ${named} and ${afterCursor(cursor, 'created_at')}
        order by created_at desc, id desc limit ${limit + 1}`.execute(db),
    );
    return pageOf(rows.map(toRecord), limit, ({ createdAt }) => createdAt);
  }

  async edit(id: string, { name, metadata }: PersonEdit, within: Within): Promise<void> {
    await within
      .updateTable('persons')
      .set({
        ...(name === undefined ? {} : { name }),
        ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
        updated_at: sql<Date>`now()`,
      })
      .where('id', '=', id)
      .execute();
  }

  /** With their faces; resolves with how many there were. */
  async remove(collectionId: string, ids: readonly string[], within: Within): Promise<number> {
    const { numDeletedRows } = await within
      .deleteFrom('persons')
      .where('collection_id', '=', collectionId)
      .where('id', 'in', ids)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  /** Names by id, of those that are there. */
  async names(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#database.query((db) =>
      db.selectFrom('persons').select(['id', 'name']).where('id', 'in', ids).execute(),
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}

function toRecord(row: Row): PersonRecord {
  return {
    id: row.id,
    collectionId: row.collection_id,
    name: row.name,
    metadata: row.metadata,
    faceCount: row.face_count,
    coverImageId: row.cover_image_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
