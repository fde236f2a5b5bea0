import { sql, type Selectable } from 'kysely';
import type { Role, Scope } from '../protocol/account.ts';
import type { Database } from './database.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { ApiKeysTable, Within } from './tables.ts';

export interface ApiKeyRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewApiKey extends Pick<
  ApiKeyRecord,
  'id' | 'userId' | 'name' | 'prefix' | 'scopes' | 'expiresAt'
> {
  readonly hash: Buffer;
}

/** What a key is worth now, with its owner's role. */
export interface KeyState {
  readonly id: string;
  readonly userId: string;
  readonly role: Role;
  readonly scopes: readonly Scope[];
  readonly alive: boolean;
  readonly expiresAt: Date | null;
}

/** The table `api_keys`. Throws what `Database.query` throws. */
export class ApiKeyTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(key: NewApiKey, within: Within): Promise<ApiKeyRecord> {
    const { id, userId, name, prefix, hash, scopes, expiresAt } = key;
    const row = await within
      .insertInto('api_keys')
      .values({
        id,
        user_id: userId,
        name,
        prefix,
        key_hash: hash,
        scopes: [...scopes],
        expires_at: expiresAt,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRecord(row);
  }

  /** Keys of a user that are not revoked; the user's row is locked, so that nobody adds one meanwhile. */
  async countHeld(userId: string, within: Within): Promise<number> {
    await sql`select 1 from users where id = ${userId} for update`.execute(within);
    const { count } = await within
      .selectFrom('api_keys')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Newest first, also the revoked ones. */
  async list(userId: string, page: PageRequest): Promise<Page<ApiKeyRecord>> {
    const rows = await this.#database.query((db) =>
      newestFirst(
        db.selectFrom('api_keys').selectAll().where('user_id', '=', userId),
        page,
      ).execute(),
    );
    return pageOf(rows.map(toRecord), page.limit, ({ createdAt }) => createdAt);
  }

  async get(id: string, userId: string): Promise<ApiKeyRecord | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('api_keys')
        .selectAll()
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  /** Undefined when the user has no such key; a key that is revoked already stays as it is. */
  async revoke(
    id: string,
    userId: string,
    at: Date,
    within: Within,
  ): Promise<ApiKeyRecord | undefined> {
    const row = await within
      .updateTable('api_keys')
      .set({ revoked_at: sql<Date>`coalesce(revoked_at, ${at})` })
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  async state(hash: Buffer): Promise<KeyState | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('api_keys as k')
        .innerJoin('users as u', 'u.id', 'k.user_id')
        .select(['k.id', 'k.user_id', 'k.scopes', 'k.expires_at', 'k.revoked_at'])
        .select(['u.role', 'u.disabled'])
        .where('k.key_hash', '=', hash)
        .executeTakeFirst(),
    );
    return (
      row && {
        id: row.id,
        userId: row.user_id,
        role: row.role,
        scopes: row.scopes,
        alive: !row.disabled && row.revoked_at === null,
        expiresAt: row.expires_at,
      }
    );
  }

  /** Writes many last uses at once. A use never goes back in time. */
  async used(uses: ReadonlyMap<string, Date>): Promise<void> {
    const ids = [...uses.keys()].toSorted();
    const times = ids.map((id) => uses.get(id)?.toISOString());
    await this.#database.query((db) =>
      sql`update api_keys set last_used_at = greatest(last_used_at, use.at)
        from unnest(${ids}::uuid[], ${times}::timestamptz[]) as use (id, at)
        where api_keys.id = use.id`.execute(db),
    );
  }
}

function toRecord(row: Selectable<ApiKeysTable>): ApiKeyRecord {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
