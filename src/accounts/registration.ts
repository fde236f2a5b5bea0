import { randomUUIDv7 } from 'node:crypto';
import type { InviteTable } from '../db/invites.ts';
import type { Within } from '../db/tables.ts';
import type { UserRecord, UserTable } from '../db/users.ts';
import { FoveaError } from '../errors.ts';
import type { Role } from '../protocol/account.ts';
import type { Audit, Origin } from './audit.ts';
import { parseEmail } from './email.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Passwords } from './passwords.ts';
import { hashSecret } from './secret.ts';

/** Who may make an account for himself: anybody, nobody, or who has an invite code. */
export type RegistrationMode = 'open' | 'closed' | 'invite';

export interface RegistrationOptions {
  readonly mode: RegistrationMode;
  readonly users: UserTable;
  readonly invites: InviteTable;
  readonly passwords: Passwords;
  readonly throttle: LoginThrottle;
  readonly audit: Audit;
}

interface Wish {
  readonly email: string;
  readonly password: string;
  readonly invite?: string | undefined;
}

/** Makes accounts. The first one is the administrator's, however it comes about. */
export class Registration {
  readonly #options: RegistrationOptions;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  get mode(): RegistrationMode {
    return this.#options.mode;
  }

  /** Whether the server has no account yet, so that the next one is the administrator's. @throws FoveaError DATABASE_UNAVAILABLE. */
  async awaitsFirst(): Promise<boolean> {
    return !(await this.#options.users.any());
  }

  /** @throws FoveaError REQUEST_INVALID, EMAIL_TAKEN, REGISTRATION_CLOSED, INVITE_INVALID, RATE_LIMITED. */
  async register(wish: Wish, origin: Origin): Promise<UserRecord> {
    const { mode, users, throttle } = this.#options;
    if (mode === 'closed') throw closed();
    throttle.registration(origin.address ?? '');
    // Before the expensive part; what counts is what the transaction finds.
    if (mode === 'invite' && wish.invite === undefined && (await users.any())) throw notInvited();
    return await this.#make(wish, origin, async (id, within) => {
      if (wish.invite !== undefined) return await this.#invited(wish.invite, id, within);
      if (mode === 'invite') throw notInvited();
      return 'member';
    });
  }

  /** By somebody who may: no invite, no limit. @throws FoveaError REQUEST_INVALID, EMAIL_TAKEN. */
  async add(wish: Wish & { readonly role: Role }, origin: Origin): Promise<UserRecord> {
    return await this.#make(wish, origin, () => Promise.resolve(wish.role));
  }

  async #make(
    { email, password }: Wish,
    origin: Origin,
    roleOf: (id: string, within: Within) => Promise<Role>,
  ): Promise<UserRecord> {
    const { users, passwords, audit } = this.#options;
    const { shown, key } = parseEmail(email);
    const passwordHash = await passwords.hash(password);
    const id = randomUUIDv7();
    return await users.deciding(async (within) => {
      const role = (await users.any(within)) ? await roleOf(id, within) : 'admin';
      const user = await users.add({ id, email: shown, emailKey: key, passwordHash, role }, within);
      if (!user) throw taken();
      // Who registers acts for himself.
      const actor =
        origin.actorKind === 'open' ? ({ actorKind: 'user', actorId: id } as const) : {};
      const change = { action: 'user.add', target: id, details: { role } };
      await audit.append({ ...origin, ...actor }, change, within);
      return user;
    });
  }

  async #invited(code: string, by: string, within: Within): Promise<Role> {
    const hash = hashSecret(code);
    const invite = await this.#options.invites.use(hash, { by, at: new Date() }, within);
    if (!invite) throw notInvited();
    return invite.role;
  }
}

function closed(): FoveaError {
  return new FoveaError(
    'REGISTRATION_CLOSED',
    'Registration is closed here (FOVEA_REGISTRATION=closed); ask the administrator for an account.',
  );
}

function notInvited(): FoveaError {
  return new FoveaError(
    'INVITE_INVALID',
    'Registration needs an invite code that is neither used nor expired; ask an administrator for one.',
  );
}

function taken(): FoveaError {
  return new FoveaError('EMAIL_TAKEN', 'There is an account with this e-mail address already.');
}
