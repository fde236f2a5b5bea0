/**
 * Immutable bytes by content. The key is the SHA-256 of the bytes in hex, so the same bytes are
 * kept once whoever stores them.
 */
export interface BlobStore {
  /** Durable once resolved; the same key again changes nothing. @throws FoveaError STORAGE_UNAVAILABLE. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** @throws FoveaError STORAGE_UNAVAILABLE. */
  has(key: string): Promise<boolean>;
  /** `undefined` when there is no such blob. @throws FoveaError STORAGE_UNAVAILABLE. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** A no-op when there is no such blob. */
  delete(key: string): Promise<void>;
  /** Proves that a blob can be written and read. @throws FoveaError STORAGE_UNAVAILABLE. */
  probe(): Promise<void>;
}

/** @throws TypeError when the key is none: it could lead out of the place that blobs are in. */
export function checkBlobKey(key: string): void {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new TypeError('a blob key is a SHA-256 in hex');
}
