import { webcrypto } from 'node:crypto';
import { FoveaError } from '../errors.ts';

/** Seconds after which a caller may try again when nobody knows better. */
const retryAfterSeconds = 5;

/** The error of a store on another machine. `reason` is a code or name of its own, never a URL or secret. */
export function remoteStoreUnavailable(reason: string, cause?: unknown): FoveaError {
  return new FoveaError(
    'STORAGE_UNAVAILABLE',
    `The image store does not answer as it should (${reason}); try again later.`,
    { retry_after_seconds: retryAfterSeconds },
    cause,
  );
}

/** The bytes, which must be those of the key. Hashed off the event loop. @throws FoveaError STORAGE_UNAVAILABLE. */
export async function verifiedBlob(
  key: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
  if (digest !== key) throw remoteStoreUnavailable('it gave back other bytes than were put');
  return bytes;
}

/** Small bytes for a probe, with their SHA-256 in hex; new each time, so that no cache can answer. */
export async function probeBlob(): Promise<{ key: string; bytes: Uint8Array<ArrayBuffer> }> {
  const bytes = webcrypto.getRandomValues(new Uint8Array(32));
  const digest = await webcrypto.subtle.digest('SHA-256', bytes);
  return { key: Buffer.from(digest).toString('hex'), bytes };
}
