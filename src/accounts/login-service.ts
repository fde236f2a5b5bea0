import { randomUUIDv7 } from 'node:crypto';
import type { LoginTable } from '../db/refresh-tokens.ts';
import type { Within } from '../db/tables.ts';
import type { UserRecord, UserTable, UserWithPassword } from '../db/users.ts';
import { FoveaError } from '../errors.ts';
import type { Role, Tokens } from '../protocol/account.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Audit, Origin } from './audit.ts';
import type { Authenticator } from './authenticator.ts';
import { parseEmail } from './email.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Passwords } from './passwords.ts';
import { hashSecret, newSecret } from './secret.ts';

export interface LoginOptions {
  readonly users: UserTable;
  readonly logins: LoginTable;
  readonly passwords: Passwords;
  readonly throttle: LoginThrottle;
  readonly tokens: AccessTokens;
  readonly authenticator: Pick<Authenticator, 'forgetUser' | 'forgetLogin'>;
  readonly audit: Audit;
  readonly refreshTtlMs: number;
}

/** A person has a few devices; older logins end. */
const mostLogins = 50;

/** What a presented refresh token turned out to be. */
type Refreshed =
  | { readonly kind: 'new'; readonly token: string; readonly login: Login }
  | { readonly kind: 'reused'; readonly loginId: string }
  | { readonly kind: 'worthless' };

interface Login {
  readonly id: string;
  readonly userId: string;
  readonly role: Role;
}

/**
 * Logging in and staying so. A login is a family of refresh tokens, each good for one use:
 *
 *     login --> token 1 --refresh--> token 2 --refresh--> token 3 …
 *     any of them used a second time: the login ends, and with it every token
 */
export class LoginService {
  readonly #options: LoginOptions;
  readonly #attempts = { ok: 0, failed: 0, throttled: 0 };

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** Attempts since the start, by how they ended. */
  get attempts(): { readonly ok: number; readonly failed: number; readonly throttled: number } {
    return { ...this.#attempts };
  }

  /** @throws FoveaError LOGIN_FAILED, the same for an unknown address and a wrong password; RATE_LIMITED. */
  async login(given: { email: string; password: string }, origin: Origin): Promise<Tokens> {
    try {
      const tokens = await this.#login(given, origin);
      this.#attempts.ok += 1;
      return tokens;
    } catch (error) {
      const code = error instanceof FoveaError ? error.code : undefined;
      if (code === 'LOGIN_FAILED') this.#attempts.failed += 1;
      if (code === 'RATE_LIMITED') this.#attempts.throttled += 1;
      throw error;
    }
  }

  async #login(given: { email: string; password: string }, origin: Origin): Promise<Tokens> {
    const { users, throttle, audit } = this.#options;
    const { key } = parseEmail(given.email);
    let user: UserWithPassword | undefined;
    const right = await throttle.attempt(key, origin.address ?? '', async () => {
      user = await users.byEmail(key);
      return await this.#isRight(user, given.password);
    });
    if (!user) throw loginFailed();
    const as: Origin = { ...origin, actorKind: 'user', actorId: user.id };
    if (right) return await this.#start(user, as);
    audit.note({ ...as, actorId: null }, { action: 'login.failed', target: user.id });
    throw loginFailed();
  }

  /**
   * The next pair of tokens. There is no grace for a token that two use at once: the server cannot
   * tell a hasty client from a thief. @throws FoveaError REFRESH_TOKEN_INVALID.
   */
  async refresh(token: string, origin: Origin): Promise<Tokens> {
    const { users, authenticator } = this.#options;
    const result = await users.transaction((within) => this.#rotate(token, origin, within));
    if (result.kind === 'new') return await this.#pair(result.login, result.token);
    if (result.kind === 'worthless') throw refreshFailed('unknown');
    authenticator.forgetLogin(result.loginId);
    throw refreshFailed('reused');
  }

  /** Ends the login of an access token, or the one that a refresh token belongs to. */
  async logout(by: { loginId: string } | { refreshToken: string }, origin: Origin): Promise<void> {
    const { users, logins, audit, authenticator } = this.#options;
    await users.transaction(async (within) => {
      const presented =
        'loginId' in by ? by : await logins.present(hashSecret(by.refreshToken), within);
      if (!presented) return;
      await logins.end(presented.loginId, new Date(), within);
      const actorId = 'userId' in presented ? presented.userId : origin.actorId;
      const change = { action: 'login.end', target: presented.loginId };
      await audit.append({ ...origin, actorKind: 'user', actorId }, change, within);
      authenticator.forgetLogin(presented.loginId);
    });
  }

  /** Every other login of the person ends; API keys stay. @throws FoveaError LOGIN_FAILED, REQUEST_INVALID. */
  async changePassword(
    who: { userId: string; loginId: string },
    { current, next }: { current: string; next: string },
    origin: Origin,
  ): Promise<void> {
    const { users, logins, passwords, throttle, audit, authenticator } = this.#options;
    const user = await users.get(who.userId);
    const right = await throttle.attempt(who.userId, origin.address ?? '', () =>
      this.#isRight(user, current),
    );
    if (!right) throw loginFailed();
    const passwordHash = await passwords.hash(next, 'new_password');
    await users.transaction(async (within) => {
      await users.change(who.userId, { passwordHash }, within);
      await logins.endOthers(who.userId, new Date(), within, { loginId: who.loginId });
      await audit.append(origin, { action: 'user.password', target: who.userId }, within);
    });
    authenticator.forgetUser(who.userId);
  }

  /** @throws FoveaError UNAUTHENTICATED when the account is gone. */
  async account(userId: string): Promise<UserRecord> {
    const user = await this.#options.users.get(userId);
    if (user) return user;
    throw new FoveaError('UNAUTHENTICATED', 'The account of this token is gone.', {
      reason: 'invalid',
    });
  }

  async #isRight(user: UserWithPassword | undefined, password: string): Promise<boolean> {
    const right = await this.#options.passwords.matches(user?.passwordHash, password);
    return right && user?.disabled === false;
  }

  async #start(user: UserWithPassword, origin: Origin): Promise<Tokens> {
    const { users, logins, audit } = this.#options;
    const now = new Date();
    const id = randomUUIDv7();
    const { login, token } = await users.transaction(async (within) => {
      const current = await users.loggedIn(user.id, now, within);
      // Disabled, deleted or given another password while this one was checked.
      if (!current || current.disabled || current.passwordHash !== user.passwordHash)
        throw loginFailed();
      const login: Login = { id, userId: user.id, role: current.role };
      await logins.start({ ...login, expiresAt: this.#expiry(now) }, within);
      await logins.endOthers(user.id, now, within, { loginId: id, newest: mostLogins });
      await audit.append(origin, { action: 'login.start', target: id }, within);
      return { login, token: await this.#nextToken(id, now, within) };
    });
    return await this.#pair(login, token);
  }

  async #rotate(token: string, origin: Origin, within: Within): Promise<Refreshed> {
    const { logins, audit } = this.#options;
    const hash = hashSecret(token);
    const now = new Date();
    const found = await logins.present(hash, within);
    if (!found || found.endedAt !== null) return { kind: 'worthless' };
    if (found.usedAt !== null) {
      await logins.end(found.loginId, now, within);
      const change = { action: 'login.reused', target: found.loginId };
      await audit.append(
        { ...origin, actorId: null },
        { ...change, details: { user: found.userId } },
        within,
      );
      return { kind: 'reused', loginId: found.loginId };
    }
    if (found.expiresAt <= now || found.disabled) return { kind: 'worthless' };
    await logins.useToken(hash, now, within);
    const login = { id: found.loginId, userId: found.userId, role: found.role };
    return { kind: 'new', login, token: await this.#nextToken(found.loginId, now, within) };
  }

  async #nextToken(loginId: string, now: Date, within: Within): Promise<string> {
    const { text, hash } = newSecret('fovr_');
    const expiresAt = this.#expiry(now);
    await this.#options.logins.addToken({ hash, loginId, expiresAt }, within);
    return text;
  }

  #expiry(now: Date): Date {
    return new Date(now.getTime() + this.#options.refreshTtlMs);
  }

  async #pair({ id, userId, role }: Login, refreshToken: string): Promise<Tokens> {
    const { tokens } = this.#options;
    return {
      access_token: await tokens.issue({ sub: userId, sid: id, role }),
      refresh_token: refreshToken,
      token_type: 'bearer',
      expires_in: tokens.expiresInSeconds,
    };
  }
}

function loginFailed(): FoveaError {
  return new FoveaError('LOGIN_FAILED', 'The e-mail address or the password is wrong.');
}

function refreshFailed(reason: 'unknown' | 'reused'): FoveaError {
  const message =
    reason === 'reused'
      ? 'The refresh token was used before; its login has ended. Log in again.'
      : 'The refresh token is not known, has expired, or its login has ended. Log in again.';
  return new FoveaError('REFRESH_TOKEN_INVALID', message, { reason });
}
