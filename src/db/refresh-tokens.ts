import type { Role } from '../protocol/account.ts';
import type { Database } from './database.ts';
import type { Within } from './tables.ts';

/** A refresh token that was presented, as it stands. Times decide what it is worth. */
export interface PresentedToken {
  readonly loginId: string;
  readonly userId: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly usedAt: Date | null;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

/** What an access token's login is worth now. */
export interface LoginState {
  readonly userId: string;
  readonly role: Role;
  readonly alive: boolean;
}

/** The tables `logins` and `refresh_tokens`: a login is the family of its tokens. Throws what `Database.query` throws. */
export class LoginTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async start(
    login: { id: string; userId: string; expiresAt: Date },
    within: Within,
  ): Promise<void> {
    await within
      .insertInto('logins')
      .values({ id: login.id, user_id: login.userId, expires_at: login.expiresAt })
      .execute();
  }

  /** Gives a login its next refresh token. */
  async addToken(
    token: { hash: Buffer; loginId: string; expiresAt: Date },
    within: Within,
  ): Promise<void> {
    const { hash, loginId, expiresAt } = token;
    await within
      .insertInto('refresh_tokens')
      .values({ token_hash: hash, login_id: loginId, expires_at: expiresAt })
      .execute();
    await within
      .updateTable('logins')
      .set({ expires_at: expiresAt })
      .where('id', '=', loginId)
      .execute();
  }

  /**
   * The token, with its login locked until the transaction ends: of two that come with tokens of
   * one login, the second sees what the first did.
   */
  async present(hash: Buffer, within: Within): Promise<PresentedToken | undefined> {
    const token = await within
      .selectFrom('refresh_tokens')
      .select('login_id')
      .where('token_hash', '=', hash)
      .executeTakeFirst();
    if (token === undefined) return undefined;
    const login = await within
      .selectFrom('logins')
      .selectAll()
      .where('id', '=', token.login_id)
      .forUpdate()
      .executeTakeFirst();
    // Read only now: before the lock, `used_at` may have been about to change.
    const row = await within
      .selectFrom('refresh_tokens')
      .selectAll()
      .where('token_hash', '=', hash)
      .executeTakeFirst();
    const owner =
      login &&
      (await within
        .selectFrom('users')
        .select(['role', 'disabled'])
        .where('id', '=', login.user_id)
        .executeTakeFirst());
    if (!login || !row || !owner) return undefined;
    return {
      loginId: login.id,
      userId: login.user_id,
      ...owner,
      usedAt: row.used_at,
      expiresAt: row.expires_at,
      endedAt: login.ended_at,
    };
  }

  async useToken(hash: Buffer, at: Date, within: Within): Promise<void> {
    await within
      .updateTable('refresh_tokens')
      .set({ used_at: at })
      .where('token_hash', '=', hash)
      .execute();
  }

  async end(id: string, at: Date, within: Within): Promise<void> {
    await within
      .updateTable('logins')
      .set({ ended_at: at })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .execute();
  }

  /** Ends all logins of a user but the one to keep, and those beyond the newest `keep`. */
  async endOthers(
    userId: string,
    at: Date,
    within: Within,
    spare: { loginId?: string | undefined; newest?: number } = {},
  ): Promise<void> {
    const spared = within
      .selectFrom('logins')
      .select('id')
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .orderBy('created_at', 'desc')
      .limit(spare.newest ?? 0);
    let query = within
      .updateTable('logins')
      .set({ ended_at: at })
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .where('id', 'not in', spared);
    if (spare.loginId !== undefined) query = query.where('id', '!=', spare.loginId);
    await query.execute();
  }

  async state(id: string): Promise<LoginState | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('logins')
        .innerJoin('users', 'users.id', 'logins.user_id')
        .select(['users.id', 'users.role', 'users.disabled', 'logins.ended_at'])
        .where('logins.id', '=', id)
        .executeTakeFirst(),
    );
    return row && { userId: row.id, role: row.role, alive: !row.disabled && row.ended_at === null };
  }

  /** Removes what nobody can use any more. A used token is worth keeping until it would have expired. */
  async removeExpired(before: Date): Promise<void> {
    await this.#database.query(async (db) => {
      await db.deleteFrom('refresh_tokens').where('expires_at', '<', before).execute();
      await db.deleteFrom('logins').where('expires_at', '<', before).execute();
    });
  }
}
