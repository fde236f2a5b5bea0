import { sql, type Selectable } from 'kysely';
import type { Role } from '../protocol/account.ts';
import type { Database } from './database.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { UsersTable, Within } from './tables.ts';

export interface UserRecord {
  readonly id: string;
  /** As it is shown. */
  readonly email: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
}

/** A user as only the password check sees it. */
export interface UserWithPassword extends UserRecord {
  readonly passwordHash: string;
}

export interface NewUser {
  readonly id: string;
  readonly email: string;
  /** The one form of the address that must be unique. */
  readonly emailKey: string;
  readonly passwordHash: string;
  readonly role: Role;
}

/** Any number will do, as long as nothing else locks it. */
const ADMIN_LOCK = 4_701_001;

/** The table `users`. Throws what `Database.query` throws. */
export class UserTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async transaction<T>(work: (within: Within) => Promise<T>): Promise<T> {
    return await this.#database.transaction(work);
  }

  /**
   * Runs `work` in a transaction while no other one, on any server, does so: for "am I the first"
   * and "am I the last administrator", which two at once would both answer with yes.
   */
  async deciding<T>(work: (within: Within) => Promise<T>): Promise<T> {
    return await this.#database.transaction(async (within) => {
      await sql`select pg_advisory_xact_lock(${ADMIN_LOCK})`.execute(within);
      return await work(within);
    });
  }

  /** Undefined when the address is taken. */
  async add(user: NewUser, within: Within): Promise<UserRecord | undefined> {
    const { id, email, emailKey, passwordHash, role } = user;
    const row = await within
      .insertInto('users')
      .values({ id, email, email_key: emailKey, password_hash: passwordHash, role })
      .onConflict((at) => at.column('email_key').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  async any(within?: Within): Promise<boolean> {
    const row = await this.#database.query(
      (db) => db.selectFrom('users').select('id').limit(1).executeTakeFirst(),
      within,
    );
    return row !== undefined;
  }

  async get(id: string, within?: Within): Promise<UserWithPassword | undefined> {
    const row = await this.#database.query(
      (db) => db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst(),
      within,
    );
    return row && toRecord(row);
  }

  async byEmail(emailKey: string): Promise<UserWithPassword | undefined> {
    const row = await this.#database.query((db) =>
      db.selectFrom('users').selectAll().where('email_key', '=', emailKey).executeTakeFirst(),
    );
    return row && toRecord(row);
  }

  /** Newest first. */
  async list(page: PageRequest): Promise<Page<UserRecord>> {
    const rows = await this.#database.query((db) =>
      newestFirst(db.selectFrom('users').selectAll(), page).execute(),
    );
    return pageOf(rows.map(toRecord), page.limit, ({ createdAt }) => createdAt);
  }

  async change(
    id: string,
    change: { role?: Role; disabled?: boolean; passwordHash?: string },
    within: Within,
  ): Promise<UserRecord | undefined> {
    const { role, disabled, passwordHash } = change;
    const row = await within
      .updateTable('users')
      .set({
        ...(role === undefined ? {} : { role }),
        ...(disabled === undefined ? {} : { disabled }),
        ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  /** Marks a login. The user as it is then, which a change under way is waited for; undefined when it is gone. */
  async loggedIn(id: string, at: Date, within: Within): Promise<UserWithPassword | undefined> {
    const row = await within
      .updateTable('users')
      .set({ last_login_at: at })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  /** With the user go its logins and keys. */
  async remove(id: string, within: Within): Promise<void> {
    await within.deleteFrom('users').where('id', '=', id).execute();
  }

  /** Administrators that can log in, but for one. */
  async otherAdmins(id: string, within: Within): Promise<number> {
    const { count } = await within
      .selectFrom('users')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('role', '=', 'admin')
      .where('disabled', '=', false)
      .where('id', '!=', id)
      .executeTakeFirstOrThrow();
    return Number(count);
  }
}

function toRecord(row: Selectable<UsersTable>): UserWithPassword {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    disabled: row.disabled,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
    passwordHash: row.password_hash,
  };
}
