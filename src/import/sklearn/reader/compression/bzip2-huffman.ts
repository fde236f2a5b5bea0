import type { BitInput } from './bit-input.ts';
import { corrupt } from './corrupt.ts';

const maxBits = 20;

/** Code lengths, each told as steps from the one before. */
export function readLengths(input: BitInput, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = input.bits(5);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    while (input.bits(1) === 1) {
      length += input.bits(1) === 0 ? 1 : -1;
      if (length < 1 || length > maxBits) break;
    }
    if (length < 1 || length > maxBits) throw corrupt('a bzip2 code of an impossible length');
    lengths[symbol] = length;
  }
  return lengths;
}

/** A canonical Huffman code. */
export class HuffmanTable {
  readonly #symbols: Uint16Array;
  /** By length: the first code, the number of codes, and where their symbols begin. */
  readonly #first = new Int32Array(maxBits + 1);
  readonly #counts = new Int32Array(maxBits + 1);
  readonly #offsets = new Int32Array(maxBits + 1);

  constructor(lengths: Uint8Array) {
    const symbols = Array.from(lengths, (_, symbol) => symbol);
    // Array.sort is stable: symbols of one length keep their order.
    this.#symbols = Uint16Array.from(symbols.sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0)));
    for (const length of lengths) this.#counts[length] = (this.#counts[length] ?? 0) + 1;
    let code = 0;
    let offset = 0;
    for (let length = 1; length <= maxBits; length += 1) {
      this.#first[length] = code;
      this.#offsets[length] = offset;
      code = (code + (this.#counts[length] ?? 0)) << 1;
      offset += this.#counts[length] ?? 0;
    }
  }

  read(input: BitInput): number {
    let code = 0;
    for (let length = 1; length <= maxBits; length += 1) {
      code = (code << 1) | input.bits(1);
      const index = code - (this.#first[length] ?? 0);
      if (index >= 0 && index < (this.#counts[length] ?? 0))
        return this.#symbols[(this.#offsets[length] ?? 0) + index] ?? 0;
    }
    throw corrupt('a bzip2 code that does not exist');
  }
}
