const utf8 = new TextEncoder();

/**
 * MurmurHash3 x86 32, by Austin Appleby (public domain, github.com/aappleby/smhasher), signed, as
 * `sklearn/utils/murmurhash.pyx` gives it for UTF-8 bytes and seed 0.
 */
export function murmurHash(text: string): number {
  const bytes = utf8.encode(text);
  const blocks = bytes.length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = 0;
  for (let i = 0; i < blocks; i += 1) {
    hash ^= scrambled(view.getInt32(i * 4, true));
    hash = Math.imul(rotated(hash, 13), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= blocks * 4; i -= 1) tail = (tail << 8) | (bytes[i] ?? 0);
  if (bytes.length % 4 !== 0) hash ^= scrambled(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

function scrambled(k: number): number {
  return Math.imul(rotated(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
}

function rotated(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}
