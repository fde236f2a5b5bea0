import { sql, type Selectable, type Transaction } from 'kysely';
import type { ImageFormat } from '../protocol/image.ts';
import type { Database } from './database.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { ImagesTable, Tables } from './tables.ts';

/** An image as its owner sent it. */
export interface ImageRecord {
  /** UUID made by the program. */
  readonly id: string;
  /** UUID of the owner; null under open access. */
  readonly ownerId: string | null;
  /** Of the encoded bytes, 64 lower-case hex digits. */
  readonly sha256: string;
  readonly format: ImageFormat;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly byteSize: number;
  readonly source: 'upload' | 'url';
  readonly sourceUrl: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** Sent for nothing but to enrol a face: it goes with the last face that it shows. */
  readonly enrolledOnly?: boolean;
}

/** `createdAt` is now unless the image came earlier, while the database was away. */
export type NewImage = Omit<ImageRecord, 'createdAt' | 'lastUsedAt'> & {
  readonly createdAt?: Date;
};

export interface ImageListOptions extends PageRequest {
  /** null: the images of open access; left out: everybody's. */
  readonly ownerId?: string | null;
}

/** The table `images`. Throws what `Database.query` throws. */
export class ImageTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Keeps an image. When its owner has the same content already, that record is returned, with its
   * own id, marked as used now; also when several callers do this at once. It waits for whoever
   * `holdingContent` lets work on the same content.
   */
  async upsert(image: NewImage, within?: Transaction<Tables>): Promise<ImageRecord> {
    const sameContent = sql`sha256, coalesce(owner_id, '00000000-0000-0000-0000-000000000000'::uuid)`;
    const row = await this.#database.query(
      (db) =>
        db
          .insertInto('images')
          .values({ ...toRow(image), id: heldId(image) })
          .onConflict((at) =>
            at.expression(sameContent).doUpdateSet({
              last_used_at: sql`greatest(images.last_used_at, excluded.last_used_at)`,
              enrolled_only: sql`images.enrolled_only and excluded.enrolled_only`,
            }),
          )
          .returningAll()
          .executeTakeFirstOrThrow(),
      within,
    );
    return toRecord(row);
  }

  async get(id: string): Promise<ImageRecord | undefined> {
    const row = await this.#database.query((db) =>
      db.selectFrom('images').selectAll().where('id', '=', id).executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  /** Newest first. Images that arrive between two pages do not shift the second. */
  async list({ ownerId, ...page }: ImageListOptions): Promise<Page<ImageRecord>> {
    const rows = await this.#database.query((db) => {
      let query = db.selectFrom('images').selectAll();
      if (ownerId === null) query = query.where('owner_id', 'is', null);
      else if (ownerId !== undefined) query = query.where('owner_id', '=', ownerId);
      return newestFirst(query, page).execute();
    });
    return pageOf(rows.map(toRecord), page.limit, ({ createdAt }) => createdAt);
  }

  /** Resolves with what was removed, or undefined when there was no such image. */
  async remove(id: string, within?: Transaction<Tables>): Promise<ImageRecord | undefined> {
    const row = await this.#database.query(
      (db) => db.deleteFrom('images').where('id', '=', id).returningAll().executeTakeFirst(),
      within,
    );
    return row && toRecord(row);
  }

  /** Marks images as used now. Unknown ids are ignored. */
  async touch(ids: readonly string[]): Promise<void> {
    await this.#database.query((db) =>
      // Rows are locked in one order, or two of these at once could wait for each other.
      sql`update images set last_used_at = now() where id in
        (select id from images where id = any(${[...ids]}::uuid[]) order by id for update)`.execute(
        db,
      ),
    );
  }

  /** How many owners have this content. The blob may go when none has. */
  async countBySha256(sha256: string, within?: Transaction<Tables>): Promise<number> {
    const { count } = await this.#database.query(
      (db) =>
        db
          .selectFrom('images')
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .where('sha256', '=', Buffer.from(sha256, 'hex'))
          .executeTakeFirstOrThrow(),
      within,
    );
    return Number(count);
  }

  /**
   * Runs `work` in a transaction while no other one, on any server, does so for the same content:
   * for "put the blob, then the row" against "remove the row, and the blob with the last row".
   */
  async holdingContent<T>(
    sha256: string,
    work: (within: Transaction<Tables>) => Promise<T>,
  ): Promise<T> {
    return await this.#database.transaction(async (within) => {
      await sql`select pg_advisory_xact_lock(${lockKey(sha256)}::bigint)`.execute(within);
      return await work(within);
    });
  }

  /** Those of `ids` that were sent only to enrol faces, none of which is left. */
  async enrolledForNothing(
    ids: readonly string[],
    within?: Transaction<Tables>,
  ): Promise<ImageRecord[]> {
    if (ids.length === 0) return [];
    const rows = await this.#database.query(
      (db) =>
        db
          .selectFrom('images')
          .selectAll()
          .where('id', 'in', ids)
          .where('enrolled_only', '=', true)
          .where(faceless)
          .execute(),
      within,
    );
    return rows.map(toRecord);
  }

  /**
   * Images not used since `before`, longest unused first, at most `limit`: without those of enrolled faces, and with those
   * that were sent to enrol a face an hour ago or earlier and show none that is enrolled.
   */
  async expired(before: Date, limit: number): Promise<ImageRecord[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('images')
        .selectAll()
        .where(
          sql<boolean>`(last_used_at < ${before} or (enrolled_only and created_at < now() - interval '1 hour'))`,
        )
        .where(faceless)
        .orderBy('last_used_at')
        .orderBy('id')
        .limit(limit)
        .execute(),
    );
    return rows.map(toRecord);
  }
}

const faceless = sql<boolean>`not exists (select from faces where faces.image_id = images.id)`;

/** The id, once the lock of its content is held: one statement where a transaction would take four round trips. */
function heldId({ id, sha256 }: NewImage) {
  return sql<string>`(select ${id}::uuid from pg_advisory_xact_lock(${lockKey(sha256)}::bigint))`;
}

function lockKey(sha256: string): string {
  return Buffer.from(sha256, 'hex').readBigInt64BE().toString();
}

function toRow(image: NewImage) {
  return {
    id: image.id,
    owner_id: image.ownerId,
    sha256: Buffer.from(image.sha256, 'hex'),
    format: image.format,
    width: image.width,
    height: image.height,
    byte_size: image.byteSize,
    source: image.source,
    source_url: image.sourceUrl,
    enrolled_only: image.enrolledOnly ?? false,
    ...(image.createdAt ? { created_at: image.createdAt } : {}),
  };
}

function toRecord(row: Selectable<ImagesTable>): ImageRecord {
  return {
    id: row.id,
    ownerId: row.owner_id,
    sha256: row.sha256.toString('hex'),
    format: row.format as ImageFormat, // only upsert writes it
    width: row.width,
    height: row.height,
    byteSize: row.byte_size,
    source: row.source,
    sourceUrl: row.source_url,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    enrolledOnly: row.enrolled_only,
  };
}
