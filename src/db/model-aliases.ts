import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

/** The table `model_aliases`: names for versions. Throws what `Database.query` throws. */
export class ModelAliasTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every alias of the models, by model, in alphabetical order. */
  async of(modelIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
    const found = new Map<string, Map<string, number>>(modelIds.map((id) => [id, new Map()]));
    if (modelIds.length === 0) return found;
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('model_aliases')
        .select(['model_id', 'alias', 'version'])
        .where('model_id', 'in', [...modelIds])
        .orderBy('alias')
        .execute(),
    );
    for (const { model_id: id, alias, version } of rows) found.get(id)?.set(alias, version);
    return found;
  }

  /** Makes or moves the alias, in one statement. */
  async set(
    modelId: string,
    alias: string,
    version: number,
    within: Transaction<Tables>,
  ): Promise<void> {
    await within
      .insertInto('model_aliases')
      .values({ model_id: modelId, alias, version })
      .onConflict((at) =>
        at.columns(['model_id', 'alias']).doUpdateSet({ version, updated_at: sql<Date>`now()` }),
      )
      .execute();
  }

  /** The version of `default`, whose row stays locked until the transaction ends. */
  async lockDefault(modelId: string, within: Transaction<Tables>): Promise<number | undefined> {
    const row = await within
      .selectFrom('model_aliases')
      .select('version')
      .where('model_id', '=', modelId)
      .where('alias', '=', 'default')
      .forUpdate()
      .executeTakeFirst();
    return row?.version;
  }

  async remove(modelId: string, alias: string): Promise<void> {
    await this.#database.query((db) =>
      db
        .deleteFrom('model_aliases')
        .where('model_id', '=', modelId)
        .where('alias', '=', alias)
        .execute(),
    );
  }
}
