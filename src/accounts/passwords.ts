import { hash, verify } from '@node-rs/argon2';
import { FoveaError } from '../errors.ts';
import { newSecret } from './secret.ts';
import { WorkGate } from './work-gate.ts';

/** Counted in Unicode characters, after normalisation. */
const least = 8;
const most = 1_024;

/**
 * argon2id with the first of the settings that OWASP recommends (Password Storage Cheat Sheet):
 * 19 MiB, two passes, one lane. The library's names for them are const enums, which types alone
 * cannot use: argon2id is its default.
 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The library hashes in threads of libuv's pool (four), which the file system needs too. */
const gate = { width: 2, queue: 128 };

/** The hashing itself; both off the event loop. */
export interface Hasher {
  readonly hash: (password: string) => Promise<string>;
  readonly verify: (stored: string, password: string) => Promise<boolean>;
}

const argon2id: Hasher = { hash: async (password) => await hash(password, cost), verify };

/** Hashes and checks passwords, a few at a time. */
export class Passwords {
  readonly #hasher: Hasher;
  readonly #gate = new WorkGate(gate);
  readonly #nobodys: Promise<string>;

  constructor(hasher: Hasher = argon2id) {
    this.#hasher = hasher;
    this.#nobodys = hasher.hash(newSecret('').text);
    this.#nobodys.catch(() => undefined); // `matches` says it
  }

  /** PHC string of a new password. @throws FoveaError REQUEST_INVALID, QUEUE_FULL. */
  async hash(password: string, field = 'password'): Promise<string> {
    const clean = checked(password, field);
    return await this.#gate.run(() => this.#hasher.hash(clean));
  }

  /**
   * Whether the password is the one of `stored`. Without `stored` the answer is no, and takes as
   * long: who asks does not learn whether the account exists. @throws FoveaError QUEUE_FULL.
   */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    const against = stored ?? (await this.#nobodys);
    const clean = password.normalize('NFC');
    const right = await this.#gate.run(() => this.#hasher.verify(against, clean));
    return right && stored !== undefined;
  }
}

/** The same text typed on another system is another sequence of code points; NFC makes them one. */
function checked(password: string, field: string): string {
  const clean = password.normalize('NFC');
  const length = [...clean].length;
  if (clean.isWellFormed() && length >= least && length <= most) return clean;
  const message = clean.isWellFormed()
    ? `must have ${least} to ${most} characters, and has ${length}`
    : 'must be well-formed Unicode';
  throw new FoveaError('REQUEST_INVALID', `The password ${message}.`, {
    issues: [{ path: `/${field}`, message }],
  });
}
