import { randomUUIDv7 } from 'node:crypto';
import type { ApiKeyRecord, ApiKeyTable } from '../db/api-keys.ts';
import type { Page, PageRequest } from '../db/page.ts';
import type { UserTable } from '../db/users.ts';
import { FoveaError } from '../errors.ts';
import type { Scope } from '../protocol/account.ts';
import type { Audit, Origin } from './audit.ts';
import { keyPrefix, type Authenticator } from './authenticator.ts';
import type { Identity } from './scopes.ts';
import { newSecret } from './secret.ts';

export interface ApiKeyOptions {
  readonly users: UserTable;
  readonly keys: ApiKeyTable;
  readonly authenticator: Pick<Authenticator, 'forgetKey'>;
  readonly audit: Audit;
}

interface Wish {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

const mostKeys = 100;
/** Enough to tell keys apart, and nothing to guess the rest by: 48 of 256 bits. */
const shownCharacters = keyPrefix.length + 8;

/** Keys with which programs act for a user. */
export class ApiKeyService {
  readonly #options: ApiKeyOptions;

  constructor(options: ApiKeyOptions) {
    this.#options = options;
  }

  /** The key itself is in this answer and nowhere else. @throws FoveaError FORBIDDEN, REQUEST_INVALID, API_KEY_LIMIT. */
  async create(
    owner: Identity & { readonly userId: string },
    { name, scopes, expiresAt }: Wish,
    origin: Origin,
  ): Promise<{ record: ApiKeyRecord; key: string }> {
    const { users, keys, audit } = this.#options;
    const wanted = [...new Set(scopes)];
    const excess = wanted.find((scope) => !owner.scopes.has(scope));
    if (excess !== undefined) throw notYours(excess);
    if (expiresAt !== null && expiresAt <= new Date()) throw inThePast();
    const { text, hash } = newSecret(keyPrefix);
    const id = randomUUIDv7();
    const prefix = text.slice(0, shownCharacters);
    const { userId } = owner;
    const record = await users.transaction(async (within) => {
      if ((await keys.countHeld(userId, within)) >= mostKeys) throw tooMany();
      const made = await keys.add(
        { id, userId, name, prefix, hash, scopes: wanted, expiresAt },
        within,
      );
      const details = { name, prefix, scopes: wanted, expires_at: expiresAt };
      await audit.append(origin, { action: 'api_key.create', target: id, details }, within);
      return made;
    });
    return { record, key: text };
  }

  async list(userId: string, page: PageRequest): Promise<Page<ApiKeyRecord>> {
    return await this.#options.keys.list(userId, page);
  }

  /** @throws FoveaError API_KEY_NOT_FOUND, also for another's key. */
  async get(id: string, userId: string): Promise<ApiKeyRecord> {
    const record = await this.#options.keys.get(id, userId);
    if (!record) throw notFound(id);
    return record;
  }

  /** From now on, for good. @throws FoveaError API_KEY_NOT_FOUND, also for another's key. */
  async revoke(id: string, userId: string, origin: Origin): Promise<void> {
    const { users, keys, audit, authenticator } = this.#options;
    await users.transaction(async (within) => {
      if (!(await keys.revoke(id, userId, new Date(), within))) throw notFound(id);
      await audit.append(origin, { action: 'api_key.revoke', target: id }, within);
    });
    authenticator.forgetKey(id);
  }
}

function notYours(scope: Scope): FoveaError {
  const message = `A key cannot have the scope ${scope}, which its owner's role does not have.`;
  return new FoveaError('FORBIDDEN', message, { scope });
}

function inThePast(): FoveaError {
  return new FoveaError('REQUEST_INVALID', 'The key would have expired already.', {
    issues: [{ path: '/expires_at', message: 'must be in the future' }],
  });
}

function tooMany(): FoveaError {
  const message = `The account has ${mostKeys} API keys, the most there may be; revoke one first.`;
  return new FoveaError('API_KEY_LIMIT', message, { limit: mostKeys });
}

function notFound(id: string): FoveaError {
  return new FoveaError('API_KEY_NOT_FOUND', `You have no API key ${id}.`, { api_key_id: id });
}
