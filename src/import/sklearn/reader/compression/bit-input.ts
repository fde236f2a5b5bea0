import { corrupt } from './corrupt.ts';

/** Bits, the highest of each byte first. */
export class BitInput {
  readonly #bytes: Uint8Array;
  #at: number;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Up to 24 bits. */
  bits(count: number): number {
    while (this.#count < count) {
      if (this.#at >= this.#bytes.length) throw corrupt('the bzip2 stream ends in the middle');
      this.#held = ((this.#held << 8) | (this.#bytes[this.#at] ?? 0)) & 0x7fffffff;
      this.#at += 1;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#held >> this.#count) & ((1 << count) - 1);
  }

  /** The next whole byte that was not begun. */
  alignedOffset(): number {
    return this.#at - (this.#count >> 3);
  }
}
