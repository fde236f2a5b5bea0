/** CRC-64 of ECMA-182, reflected, as `.xz` uses it: polynomial 0xC96C5795D7870F42. Two halves, as BigInt is slow. */
export function crc64(bytes: Uint8Array): bigint {
  let low = 0xffffffff;
  let high = 0xffffffff;
  for (const byte of bytes) {
    const index = (low ^ byte) & 255;
    low = ((low >>> 8) | (high << 24)) ^ (lowTable[index] ?? 0);
    high = (high >>> 8) ^ (highTable[index] ?? 0);
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
}

const lowTable = new Int32Array(256);
const highTable = new Int32Array(256);
for (let index = 0; index < 256; index += 1) {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit += 1)
    value = value & 1n ? (value >> 1n) ^ 0xc96c5795d7870f42n : value >> 1n;
  lowTable[index] = Number(value & 0xffffffffn);
  highTable[index] = Number(value >> 32n);
}
