import { createHash } from 'node:crypto';
import { jwtVerify, errors, SignJWT, type JWTHeaderParameters } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import { role } from '../protocol/account.ts';
import { algorithm, type SigningKeys } from './signing-keys.ts';

const claims = z.object({
  sub: z.uuid(),
  /** The login that it was given out for. */
  sid: z.uuid(),
  role,
  exp: z.number(),
});
export type AccessClaims = z.infer<typeof claims>;

const issuer = 'fovea';
const type = 'at+jwt'; // RFC 9068 §2.1
/** Tokens whose signature was checked: it takes longer than all the rest of a small request. */
const mostVerified = 10_000;

interface Verified {
  readonly claims: AccessClaims;
  readonly kid: string;
}

/** Signs and checks access tokens: JWTs with an Ed25519 signature, and no other. */
export class AccessTokens {
  readonly #keys: SigningKeys;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #verified = new LRUCache<string, Verified>({ max: mostVerified });

  constructor(keys: SigningKeys, ttlMs: number, now: () => number = Date.now) {
    this.#keys = keys;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  get expiresInSeconds(): number {
    return Math.floor(this.#ttlMs / 1000);
  }

  async issue(content: Pick<AccessClaims, 'sub' | 'sid' | 'role'>): Promise<string> {
    const { kid, key } = await this.#keys.signer();
    const now = Math.floor(this.#now() / 1000);
    return await new SignJWT({ sid: content.sid, role: content.role })
      .setProtectedHeader({ alg: algorithm, kid, typ: type })
      .setSubject(content.sub)
      .setIssuer(issuer)
      .setAudience(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + this.expiresInSeconds)
      .sign(key);
  }

  /** @throws FoveaError UNAUTHENTICATED, with `details.reason` expired or invalid. */
  async verify(token: string): Promise<AccessClaims> {
    // Not the token itself: a memory dump should not hold more of them than it must.
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.#verified.get(digest) ?? (await this.#check(token));
    if ((await this.#keys.verifier(known.kid)) === undefined) throw refused('invalid');
    if (known.claims.exp * 1000 <= this.#now()) throw refused('expired');
    this.#verified.set(digest, known);
    return known.claims;
  }

  async #check(token: string): Promise<Verified> {
    let kid = '';
    const keyOf = async (header: JWTHeaderParameters) => {
      kid = header.kid ?? '';
      const key = await this.#keys.verifier(kid);
      if (!key) throw new errors.JWKSNoMatchingKey();
      return key;
    };
    try {
      const { payload } = await jwtVerify(token, keyOf, {
        algorithms: [algorithm],
        issuer,
        audience: issuer,
        typ: type,
        currentDate: new Date(this.#now()),
      });
      return { claims: claims.parse(payload), kid };
    } catch (error) {
      throw refused(error instanceof errors.JWTExpired ? 'expired' : 'invalid', error);
    }
  }
}

function refused(reason: 'expired' | 'invalid', cause?: unknown): FoveaError {
  const message =
    reason === 'expired'
      ? 'The access token has expired; get a new one with POST /api/v1/auth/refresh.'
      : 'The access token is not one that this server gave out, or it counts no more; log in again.';
  return new FoveaError('UNAUTHENTICATED', message, { reason }, cause);
}
