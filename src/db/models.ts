import { sql, type Selectable, type Transaction } from 'kysely';
import type { LifecycleStatus } from '../protocol/model-version.ts';
import type { Database } from './database.ts';
import { ownerFrom, storedOwner } from './owner-id.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { ModelsTable, Tables } from './tables.ts';

/** A name of an owner's, under which versions are uploaded. */
export interface ModelRecord {
  readonly id: string;
  /** null under open access. */
  readonly ownerId: string | null;
  readonly name: string;
  readonly description: string;
  readonly status: LifecycleStatus;
  readonly lastVersion: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ModelListOptions extends PageRequest {
  /** null: those of open access; left out: everybody's. */
  readonly ownerId?: string | null;
  /** Left out: all but archived ones. */
  readonly status?: LifecycleStatus | undefined;
  /** Beginning of the name. */
  readonly name?: string | undefined;
  /** Of the version that `default` leads to. */
  readonly format?: string | undefined;
}

/** The table `models`. Throws what `Database.query` throws. */
export class ModelTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async transaction<T>(work: (within: Transaction<Tables>) => Promise<T>): Promise<T> {
    return await this.#database.transaction(work);
  }

  async get(id: string): Promise<ModelRecord | undefined> {
    const row = await this.#database.query((db) =>
      db.selectFrom('models').selectAll().where('id', '=', id).executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  /** The id of the owner's model of this name. */
  async idOf(ownerId: string | null, name: string): Promise<string | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('models')
        .select('id')
        .where('owner_id', '=', storedOwner(ownerId))
        .where('name', '=', name)
        .executeTakeFirst(),
    );
    return row?.id;
  }

  /** The owner's model of this name, made with `id` unless it is there, locked until the transaction ends. */
  async claim(
    { id, ownerId, name }: Pick<ModelRecord, 'id' | 'ownerId' | 'name'>,
    within: Transaction<Tables>,
  ): Promise<ModelRecord> {
    const owner_id = storedOwner(ownerId);
    await within
      .insertInto('models')
      .values({ id, owner_id, name, description: '' })
      .onConflict((at) => at.columns(['owner_id', 'name']).doNothing())
      .execute();
    const row = await within
      .selectFrom('models')
      .selectAll()
      .where('owner_id', '=', owner_id)
      .where('name', '=', name)
      .forUpdate()
      .executeTakeFirstOrThrow();
    return toRecord(row);
  }

  /** Holds back whoever publishes, restores or purges versions of the model until the transaction ends. */
  async lock(id: string, within: Transaction<Tables>): Promise<ModelRecord | undefined> {
    const row = await within
      .selectFrom('models')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  async update(
    id: string,
    change: { description?: string; status?: LifecycleStatus; lastVersion?: number },
    within?: Transaction<Tables>,
  ): Promise<void> {
    const { lastVersion, ...rest } = change;
    const set = { ...rest, ...(lastVersion === undefined ? {} : { last_version: lastVersion }) };
    await this.#database.query(
      (db) =>
        db
          .updateTable('models')
          .set({ ...set, ...archivedAt(change.status), updated_at: sql<Date>`now()` })
          .where('id', '=', id)
          .execute(),
      within,
    );
  }

  /** Newest first. Models that arrive between two pages do not shift the second. */
  async list(options: ModelListOptions): Promise<Page<ModelRecord>> {
    const { ownerId, status, name, format, ...page } = options;
    const rows = await this.#database.query((db) => {
      let query = db.selectFrom('models').selectAll();
      if (ownerId !== undefined) query = query.where('owner_id', '=', storedOwner(ownerId));
      query = status ? query.where('status', '=', status) : query.where('status', '!=', 'archived');
      if (name) query = query.where(sql<boolean>`starts_with(name, ${name})`);
      if (format)
        query = query.where(sql<boolean>`exists (
          select from model_aliases a join model_versions v using (model_id, version)
          where a.model_id = models.id and a.alias = 'default' and v.format = ${format})`);
      return newestFirst(query, page).execute();
    });
    return pageOf(rows.map(toRecord), page.limit, ({ createdAt }) => createdAt);
  }
}

/** Since when it is archived goes with the status; archiving it again does not begin anew. */
export function archivedAt(status: LifecycleStatus | undefined) {
  if (status === undefined) return {};
  if (status !== 'archived') return { archived_at: null };
  return { archived_at: sql<Date>`coalesce(archived_at, now())` };
}

function toRecord(row: Selectable<ModelsTable>): ModelRecord {
  return {
    id: row.id,
    ownerId: ownerFrom(row.owner_id),
    name: row.name,
    description: row.description,
    status: row.status,
    lastVersion: row.last_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
