import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import { KeyFile, type StoredKey } from './key-file.ts';

export interface SigningKeysOptions {
  readonly file: string;
  /** How long a token lives that a key has signed. */
  readonly tokenTtlMs: number;
  /** A key older than this is replaced. */
  readonly rotateAfterMs: number;
  readonly now?: () => number;
}

type Key = Awaited<ReturnType<typeof importJWK>>;

export interface SigningKey {
  readonly kid: string;
  readonly key: Key;
}

interface LoadedKey extends SigningKey {
  readonly publicKey: Key;
  readonly stored: StoredKey;
}

/** How long this process may not know of a change that another one made to the file. */
const rereadEveryMs = 2_000;
/** The same when a token names a key that this process does not know: it may be brand new. */
const rereadUnknownMs = 100;
/** Clocks of servers that share the file differ. */
const leewayMs = 60_000;

export const algorithm = 'EdDSA';

/**
 * The keys that sign access tokens. The newest signs; one that was replaced still verifies until the
 * last token that it signed has expired, and is then dropped.
 */
export class SigningKeys {
  readonly #options: SigningKeysOptions;
  readonly #file: KeyFile;
  readonly #now: () => number;
  #keys: readonly LoadedKey[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: SigningKeysOptions) {
    this.#options = options;
    this.#file = new KeyFile(options.file);
    this.#now = options.now ?? Date.now;
  }

  /** Makes the first key when there is none, and a new one when the newest is too old. */
  async prepare(): Promise<void> {
    await this.#adopt(await this.#file.read());
    if (this.#isDue(this.#newest()?.stored))
      await this.#replace((keys) => this.#isDue(keys.at(-1)));
  }

  /** A new key signs from now on. With `endAll`, tokens of the old ones end at once. */
  async rotate({ endAll = false } = {}): Promise<void> {
    await this.#replace(() => true, endAll);
  }

  /** The key to sign with. */
  async signer(): Promise<SigningKey> {
    await this.#reread(rereadEveryMs);
    const newest = this.#newest();
    if (newest && !this.#isDue(newest.stored)) return newest;
    await this.prepare();
    const made = this.#newest();
    if (!made) throw new Error('no signing key was made');
    return made;
  }

  /** The public key of that id, while its tokens count. */
  async verifier(kid: string): Promise<Key | undefined> {
    await this.#reread(rereadEveryMs);
    if (!this.#keys.some((key) => key.kid === kid)) await this.#reread(rereadUnknownMs);
    return this.#keys.find((key) => key.kid === kid && this.#counts(key.stored))?.publicKey;
  }

  /** The id of the key that signs now. */
  get newestId(): string | undefined {
    return this.#newest()?.kid;
  }

  #newest(): LoadedKey | undefined {
    return this.#keys.at(-1);
  }

  #isDue(newest: StoredKey | undefined): boolean {
    const { rotateAfterMs } = this.#options;
    return newest === undefined || this.#now() - newest.created_at.getTime() > rotateAfterMs;
  }

  #counts({ retired_at: retired }: StoredKey): boolean {
    return (
      retired === null || this.#now() < retired.getTime() + this.#options.tokenTtlMs + leewayMs
    );
  }

  async #reread(whenOlderThanMs: number): Promise<void> {
    if (this.#now() - this.#readAt < whenOlderThanMs) return;
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #readNow(): Promise<void> {
    // A file that cannot be read now does not take away the keys that are known.
    const keys = await this.#file.read().catch(() => []);
    this.#readAt = this.#now();
    if (keys.length > 0) await this.#adopt(keys);
  }

  async #replace(wanted: (keys: readonly StoredKey[]) => boolean, endAll = false): Promise<void> {
    const keys = await this.#file.change(async (found) => {
      if (!wanted(found)) return [...found]; // another server was faster
      const now = new Date(this.#now());
      const old = found.map((key) => ({ ...key, retired_at: key.retired_at ?? now }));
      const kept = endAll ? [] : old.filter((key) => this.#counts(key));
      return [...kept, await newKey(now)];
    });
    await this.#adopt(keys);
  }

  async #adopt(keys: readonly StoredKey[]): Promise<void> {
    const known = new Map(this.#keys.map((key) => [key.kid, key]));
    this.#keys = await Promise.all(
      keys.map(async (stored) => {
        const before = known.get(stored.kid);
        return before ? { ...before, stored } : await load(stored);
      }),
    );
    this.#readAt = this.#now();
  }
}

async function load(stored: StoredKey): Promise<LoadedKey> {
  const { kty, crv, x } = stored.jwk;
  return {
    kid: stored.kid,
    stored,
    key: await importJWK(stored.jwk, algorithm),
    publicKey: await importJWK({ kty, crv, x }, algorithm),
  };
}

async function newKey(now: Date): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const { x = '', d = '' } = await exportJWK(privateKey);
  return {
    kid: randomUUID(),
    created_at: now,
    retired_at: null,
    jwk: { kty: 'OKP', crv: 'Ed25519', x, d },
  };
}
