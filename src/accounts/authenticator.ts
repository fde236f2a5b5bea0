import { LRUCache } from 'lru-cache';
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

/** Since the start: what was presented and how it was judged, and where the judgement came from. */
export interface AuthenticatorStats {
  readonly checks: Readonly<Record<'token' | 'key', { ok: number; refused: number }>>;
  /** Answered from memory, and asked of the database. */
  readonly lookups: Readonly<Record<'token' | 'key', { hits: number; loads: number }>>;
}

interface KnownLogin extends LoginState {
  readonly loginId: string;
}

export const keyPrefix = 'fov_';
const bearer = /^Bearer +([\w.~+/=-]+) *$/i;
const keyForm = /^fov_[\w-]{43}$/;

/** Another server's changes take effect here after this long at most; this server's own, at once. */
const freshMs = 10_000;
const waitMs = 1_000;
const mostRemembered = 10_000;
const mostHashes = 1_000;

/**
 * Says who asks. Tokens and keys are looked up in memory, which is at most 10 s behind the database.
 * While that is away: what is remembered counts as it was, tokens that are not remembered by what
 * they say themselves, and keys that are not remembered cannot be checked.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #logins: FreshCache<KnownLogin>;
  readonly #keys: FreshCache<KeyState>;
  /** Hashes of keys that were good lately: hashing costs more than all the rest of a look-up. */
  readonly #hashes = new LRUCache<string, string>({ max: mostHashes });
  readonly #identities = new WeakMap<KeyState, Identity>();
  readonly #tokenChecks = { ok: 0, refused: 0 };
  readonly #keyChecks = { ok: 0, refused: 0 };
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

  get stats(): AuthenticatorStats {
    return {
      checks: { token: { ...this.#tokenChecks }, key: { ...this.#keyChecks } },
      lookups: { token: this.#logins.stats, key: this.#keys.stats },
    };
  }

  /** The holder of an API key that is in memory and good; undefined says nothing, and `identify` has to. */
  recall({ authorization, apiKey }: Presented): Identity | undefined {
    const key = apiKey ?? bearerKey(authorization);
    if (key === undefined || (authorization !== undefined && apiKey !== undefined))
      return undefined;
    const hash = this.#hashes.get(key);
    if (hash === undefined) return undefined;
    const state = this.#keys.peek(hash);
    const good = state?.alive && (state.expiresAt === null || state.expiresAt > new Date());
    return good ? this.#holder(state) : undefined;
  }

  /** Undefined when the request says nothing about it. @throws FoveaError UNAUTHENTICATED, DATABASE_UNAVAILABLE. */
  async identify({ authorization, apiKey }: Presented): Promise<Identity | undefined> {
    if (authorization === undefined)
      return apiKey === undefined ? undefined : await this.#byKey(apiKey);
    if (apiKey !== undefined) throw refused('Send either Authorization or X-API-Key, not both.');
    const [, token] = bearer.exec(authorization) ?? [];
    if (token === undefined)
      throw refused(
        'The Authorization header must be `Bearer`, followed by an access token or API key.',
      );
    return token.startsWith(keyPrefix) ? await this.#byKey(token) : await this.#byToken(token);
  }

  #holder(state: KeyState): Identity {
    this.#keyChecks.ok += 1;
    if (this.#uses.size < mostRemembered || this.#uses.has(state.id))
      this.#uses.set(state.id, new Date());
    const known = this.#identities.get(state);
    if (known) return known;
    const identity = keyHolderOf(state);
    this.#identities.set(state, identity);
    return identity;
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
    const claims = await this.#options.tokens.verify(token).catch((error: unknown) => {
      this.#tokenChecks.refused += 1;
      throw error;
    });
    const login = await this.#loginOf(claims);
    if (!login?.alive || login.userId !== claims.sub) {
      this.#tokenChecks.refused += 1;
      throw refused('The login of this access token has ended; log in again.');
    }
    this.#tokenChecks.ok += 1;
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
    const hash = keyForm.test(key) ? hashSecret(key).toString('base64') : undefined;
    const state = hash === undefined ? undefined : await this.#keys.get(hash);
    const expired = state?.expiresAt && state.expiresAt <= new Date();
    if (hash !== undefined && state?.alive && !expired) {
      this.#hashes.set(key, hash);
      return this.#holder(state);
    }
    this.#keyChecks.refused += 1;
    if (!state?.alive) throw refused('The API key is not known here, or it is revoked.');
    throw refused('The API key has expired; make a new one.', 'expired');
  }
}

function bearerKey(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : bearer.exec(authorization)?.[1];
}

function refused(message: string, reason: 'invalid' | 'expired' = 'invalid'): FoveaError {
  return new FoveaError('UNAUTHENTICATED', message, { reason });
}
