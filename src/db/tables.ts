import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';

/** One row per image that an owner has sent; the bytes are in the blob store under the sha256. */
export interface ImagesTable {
  id: string;
  owner_id: string | null;
  sha256: Buffer;
  format: string;
  width: number;
  height: number;
  byte_size: number;
  source: 'upload' | 'url';
  source_url: string | null;
  created_at: ColumnType<Date, never, never>;
  last_used_at: Generated<Date>;
}

/** Every table that the queries know. What the database really has: `schema.sql`. */
export interface Tables {
  images: ImagesTable;
}

/** What a query runs on: the database, or a transaction on it. */
export type Executor = Kysely<Tables> | Transaction<Tables>;
