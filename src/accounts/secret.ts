import { hash, randomBytes } from 'node:crypto';

const secretBytes = 32;

/** Text for its one reader, and the hash by which it is known from then on. */
export interface Secret {
  readonly text: string;
  readonly hash: Buffer;
}

/**
 * A prefix and 256 random bits in base64url. With that much chance in it a plain SHA-256 is enough
 * to keep: there is nothing to guess, so nothing to slow down.
 */
export function newSecret(prefix: string): Secret {
  const text = `${prefix}${randomBytes(secretBytes).toString('base64url')}`;
  return { text, hash: hashSecret(text) };
}

export function hashSecret(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
