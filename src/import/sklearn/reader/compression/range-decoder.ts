import { corrupt } from './corrupt.ts';

export function newProbabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(1024);
}

/** LZMA's arithmetic decoder over one stretch of bytes (LZMA specification, "Range Decoder"). */
export class RangeDecoder {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  at: number;
  /** Unsigned 32-bit numbers, kept as signed ones: those need no memory of their own in V8. */
  #range = -1;
  #code = 0;

  constructor(bytes: Uint8Array, at: number, end: number) {
    if (end - at < 5) throw corrupt('an LZMA stream of less than 5 bytes');
    if (bytes[at] !== 0) throw corrupt('an LZMA stream that does not begin with 0');
    this.#bytes = bytes;
    this.#end = end;
    this.at = at + 1;
    for (let i = 0; i < 4; i += 1) this.#code = (this.#code << 8) | this.#next();
  }

  /** Whether all was used up as an encoder leaves it. */
  get finished(): boolean {
    return this.#code === 0;
  }

  bit(probabilities: Uint16Array, index: number): 0 | 1 {
    const probability = probabilities[index] ?? 0;
    const bound = Math.imul(this.#range >>> 11, probability);
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
      if (bound >>> 24 === 0) this.#normalise();
      return 0;
    }
    this.#range = (this.#range - bound) | 0;
    this.#code = (this.#code - bound) | 0;
    probabilities[index] = probability - (probability >> 5);
    if (this.#range >>> 24 === 0) this.#normalise();
    return 1;
  }

  /** Bits of even chance, the highest first. */
  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) {
      this.#range = (this.#range >>> 1) | 0;
      const bit = this.#code >>> 0 >= this.#range >>> 0 ? 1 : 0;
      if (bit === 1) this.#code = (this.#code - this.#range) | 0;
      if (this.#range >>> 24 === 0) this.#normalise();
      value = value * 2 + bit;
    }
    return value;
  }

  tree(probabilities: Uint16Array, bits: number, base = 0): number {
    let symbol = 1;
    for (let i = 0; i < bits; i += 1)
      symbol = (symbol << 1) | this.bit(probabilities, base + symbol);
    return symbol - (1 << bits);
  }

  reverseTree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    let symbol = 0;
    for (let i = 0; i < bits; i += 1) {
      const bit = this.bit(probabilities, base + node);
      node = (node << 1) | bit;
      symbol |= bit << i;
    }
    return symbol;
  }

  #normalise(): void {
    this.#range <<= 8;
    this.#code = (this.#code << 8) | this.#next();
  }

  #next(): number {
    if (this.at >= this.#end) throw corrupt('an LZMA stream ends in the middle');
    const byte = this.#bytes[this.at] ?? 0;
    this.at += 1;
    return byte;
  }
}

/** Lengths of matches, less 2. */
export class LengthCoder {
  readonly #choice = newProbabilities(2);
  readonly #low = newProbabilities(16 << 3);
  readonly #middle = newProbabilities(16 << 3);
  readonly #high = newProbabilities(256);

  decode(rc: RangeDecoder, position: number): number {
    if (rc.bit(this.#choice, 0) === 0) return rc.tree(this.#low, 3, position << 3);
    if (rc.bit(this.#choice, 1) === 0) return 8 + rc.tree(this.#middle, 3, position << 3);
    return 16 + rc.tree(this.#high, 8);
  }
}
