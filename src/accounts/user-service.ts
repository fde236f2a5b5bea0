import type { Page, PageRequest } from '../db/page.ts';
import type { LoginTable } from '../db/refresh-tokens.ts';
import type { Within } from '../db/tables.ts';
import type { UserRecord, UserTable } from '../db/users.ts';
import { FoveaError } from '../errors.ts';
import type { UserChange } from '../protocol/account.ts';
import type { Audit, Origin } from './audit.ts';
import type { Authenticator } from './authenticator.ts';

export interface UserServiceOptions {
  readonly users: UserTable;
  readonly logins: LoginTable;
  readonly authenticator: Pick<Authenticator, 'forgetUser'>;
  readonly audit: Audit;
}

/** What administrators do with accounts. One that can log in always remains. */
export class UserService {
  readonly #options: UserServiceOptions;

  constructor(options: UserServiceOptions) {
    this.#options = options;
  }

  async list(page: PageRequest): Promise<Page<UserRecord>> {
    return await this.#options.users.list(page);
  }

  /** @throws FoveaError USER_NOT_FOUND. */
  async get(id: string, within?: Within): Promise<UserRecord> {
    const user = await this.#options.users.get(id, within);
    if (!user) throw notFound(id);
    return user;
  }

  /** A disabled user's logins end, and its keys do not count. @throws FoveaError USER_NOT_FOUND, LAST_ADMIN. */
  async change(id: string, { role, disabled }: UserChange, origin: Origin): Promise<UserRecord> {
    const { users, logins, audit, authenticator } = this.#options;
    const changed = await users.deciding(async (within) => {
      const before = await this.get(id, within);
      if ((role !== undefined && role !== 'admin') || disabled)
        await this.#spareLast(before, within);
      const change = {
        ...(role === undefined ? {} : { role }),
        ...(disabled === undefined ? {} : { disabled }),
      };
      const after = await users.change(id, change, within);
      if (!after) throw notFound(id);
      if (disabled) await logins.endOthers(id, new Date(), within);
      const details = { before: { role: before.role, disabled: before.disabled }, after: change };
      await audit.append(origin, { action: 'user.change', target: id, details }, within);
      return after;
    });
    authenticator.forgetUser(id);
    return changed;
  }

  /** With its logins and keys; what it owns stays, for administrators to see. @throws FoveaError USER_NOT_FOUND, LAST_ADMIN. */
  async remove(id: string, origin: Origin): Promise<void> {
    const { users, audit, authenticator } = this.#options;
    await users.deciding(async (within) => {
      const user = await this.get(id, within);
      await this.#spareLast(user, within);
      await users.remove(id, within);
      const details = { email: user.email, role: user.role };
      await audit.append(origin, { action: 'user.delete', target: id, details }, within);
    });
    authenticator.forgetUser(id);
  }

  async #spareLast({ id, role, disabled }: UserRecord, within: Within): Promise<void> {
    if (role !== 'admin' || disabled) return;
    if ((await this.#options.users.otherAdmins(id, within)) > 0) return;
    const message = 'This is the last administrator; make somebody else one first.';
    throw new FoveaError('LAST_ADMIN', message, { user_id: id });
  }
}

function notFound(id: string): FoveaError {
  return new FoveaError('USER_NOT_FOUND', `There is no user ${id}.`, { user_id: id });
}
