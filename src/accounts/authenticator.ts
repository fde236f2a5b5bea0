import type { ApiKeyTable, KeyState } from '../db/api-keys.ts';
import type { LoginState, LoginTable } from '../db/refresh-tokens.ts';
import { FoveaError } from '../errors.ts';
import type { AccessClaims, AccessTokens } from './access-tokens.ts';
import { FreshCache } from './fresh-cache.ts';
import { keyHolderOf, personOf, type Identity } from './scopes.ts';
import { hashSecret } from './secret.ts';

export interface AuthenticatorOptions {
  readonly tokens: AccessTokens;
  readonly logins: LoginTable;
  readonly keys: ApiKeyTable;
}

/** What a request brings to say who asks. */
export interface Presented {
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
}

interface KnownLogin extends LoginState {
  readonly loginId: string;
}

export const keyPrefix = 'fov_';
const keyForm = /^fov_[\w-]{43}$/;

/** Another server's changes take effect here after this long at most; this server's own, at once. */
const freshMs = 10_000;
const waitMs = 1_000;
const mostRemembered = 10_000;

/**
 * Says who asks. Tokens and keys are looked up in memory, which is at most 10 s behind the database.
 * While that is away: what is remembered counts as it was, tokens that are not remembered by what
 * they say themselves, and keys that are not remembered cannot be checked.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #logins: FreshCache<KnownLogin>;
  readonly #keys: FreshCache<KeyState>;
  #uses = new Map<string, Date>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    const bounds = { most: mostRemembered, freshMs, waitMs };
    this.#logins = new FreshCache({
      ...bounds,
      load: async (loginId) => {
        const state = await options.logins.state(loginId);
        return state && { ...state, loginId };
      },
    });
    this.#keys = new FreshCache({
      ...bounds,
      load: async (hash) => await options.keys.state(Buffer.from(hash, 'base64')),
    });
  }

  /** Undefined when the request says nothing about it. @throws FoveaError UNAUTHENTICATED, DATABASE_UNAVAILABLE. */
  async identify({ authorization, apiKey }: Presented): Promise<Identity | undefined> {
    if (authorization === undefined)
      return apiKey === undefined ? undefined : await this.#byKey(apiKey);
    if (apiKey !== undefined) throw refused('Send either Authorization or X-API-Key, not both.');
    const [, token] = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization) ?? [];
    if (token === undefined)
      throw refused(
        'The Authorization header must be `Bearer`, followed by an access token or API key.',
      );
    return token.startsWith(keyPrefix) ? await this.#byKey(token) : await this.#byToken(token);
  }

  forgetLogin(id: string): void {
    this.#logins.forget(({ loginId }) => loginId === id);
  }

  forgetKey(keyId: string): void {
    this.#keys.forget(({ id }) => id === keyId);
  }

  /** Role, disabled, password or account have changed. */
  forgetUser(id: string): void {
    this.#logins.forget(({ userId }) => userId === id);
    this.#keys.forget(({ userId }) => userId === id);
  }

  /** Writes when each key was last used. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = this.#uses;
    this.#uses = new Map();
    try {
      await this.#options.keys.used(uses);
    } catch (error) {
      this.#uses = new Map([...uses, ...this.#uses]); // next time, with what came meanwhile
      throw error;
    }
  }

  async #byToken(token: string): Promise<Identity> {
    const claims = await this.#options.tokens.verify(token);
    const login = await this.#loginOf(claims);
    if (!login?.alive || login.userId !== claims.sub)
      throw refused('The login of this access token has ended; log in again.');
    return personOf(claims.sub, login.role, claims.sid);
  }

  async #loginOf({ sub, sid, role }: AccessClaims): Promise<LoginState | undefined> {
    try {
      return await this.#logins.get(sid);
    } catch (error) {
      if (!(error instanceof FoveaError) || error.code !== 'DATABASE_UNAVAILABLE') throw error;
      return { userId: sub, role, alive: true };
    }
  }

  async #byKey(key: string): Promise<Identity> {
    const state = keyForm.test(key)
      ? await this.#keys.get(hashSecret(key).toString('base64'))
      : undefined;
    if (!state?.alive) throw refused('The API key is not known here, or it is revoked.');
    if (state.expiresAt !== null && state.expiresAt <= new Date())
      throw refused('The API key has expired; make a new one.', 'expired');
    if (this.#uses.size < mostRemembered || this.#uses.has(state.id))
      this.#uses.set(state.id, new Date());
    return keyHolderOf(state);
  }
}

function refused(message: string, reason: 'invalid' | 'expired' = 'invalid'): FoveaError {
  return new FoveaError('UNAUTHENTICATED', message, { reason });
}
