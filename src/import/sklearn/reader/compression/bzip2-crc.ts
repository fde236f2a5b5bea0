/** CRC-32 with the highest bit first (polynomial 0x04C11DB7), as bzip2 uses it; node:zlib has the reflected one. */
export class Bzip2Crc {
  #state = 0xffffffff | 0;

  add(byte: number): void {
    this.#state = (this.#state << 8) ^ (table[(this.#state >>> 24) ^ byte] ?? 0);
  }

  get value(): number {
    return ~this.#state >>> 0;
  }
}

const table = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});
