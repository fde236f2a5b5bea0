import type { Selectable } from 'kysely';
import type { Role } from '../protocol/account.ts';
import type { Database } from './database.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { InvitesTable, Within } from './tables.ts';

export interface InviteRecord {
  readonly id: string;
  readonly role: Role;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly usedBy: string | null;
}

export interface NewInvite extends Pick<InviteRecord, 'id' | 'role' | 'createdBy' | 'expiresAt'> {
  readonly hash: Buffer;
}

/** The table `invites`. Throws what `Database.query` throws. */
export class InviteTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(invite: NewInvite, within: Within): Promise<InviteRecord> {
    const { id, hash, role, createdBy, expiresAt } = invite;
    const row = await within
      .insertInto('invites')
      .values({ id, code_hash: hash, role, created_by: createdBy, expires_at: expiresAt })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRecord(row);
  }

  /** Uses up the invite, once and for all; undefined when it is unknown, used or expired. */
  async use(
    hash: Buffer,
    use: { by: string; at: Date },
    within: Within,
  ): Promise<InviteRecord | undefined> {
    const row = await within
      .updateTable('invites')
      .set({ used_at: use.at, used_by: use.by })
      .where('code_hash', '=', hash)
      .where('used_at', 'is', null)
      .where('expires_at', '>', use.at)
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  /** Newest first. */
  async list(page: PageRequest): Promise<Page<InviteRecord>> {
    const rows = await this.#database.query((db) =>
      newestFirst(db.selectFrom('invites').selectAll(), page).execute(),
    );
    return pageOf(rows.map(toRecord), page.limit, ({ createdAt }) => createdAt);
  }

  /** Whether there was one. */
  async remove(id: string, within: Within): Promise<boolean> {
    const row = await within
      .deleteFrom('invites')
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }
}

function toRecord(row: Selectable<InvitesTable>): InviteRecord {
  return {
    id: row.id,
    role: row.role,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedBy: row.used_by,
  };
}
