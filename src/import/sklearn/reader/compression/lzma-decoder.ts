import { corrupt } from './corrupt.ts';
import type { Inflated } from './inflated.ts';
import { LengthCoder, RangeDecoder, newProbabilities } from './range-decoder.ts';

const states = 12;
/** Matches this long or longer may lie within 128 bytes with fewer bits (spec, `kEndPosModelIndex`). */
const endPositionModel = 14;
const fullDistances = 1 << (endPositionModel >> 1);
const alignBits = 4;

/**
 * The LZMA decoder, after the specification by Igor Pavlov (public domain, `lzma-specification.txt` of the LZMA SDK).
 * The window is the output itself, so no dictionary size of the file is ever allocated.
 */
export class LzmaDecoder {
  readonly #out: Inflated;
  readonly #lc: number;
  readonly #lpMask: number;
  readonly #pbMask: number;
  readonly #literals: Uint16Array;
  readonly #isMatch = newProbabilities(states << 4);
  readonly #isRep = newProbabilities(states);
  readonly #isRepG0 = newProbabilities(states);
  readonly #isRepG1 = newProbabilities(states);
  readonly #isRepG2 = newProbabilities(states);
  readonly #isRep0Long = newProbabilities(states << 4);
  readonly #slots = [0, 1, 2, 3].map(() => newProbabilities(64));
  readonly #positions = newProbabilities(1 + fullDistances - endPositionModel);
  readonly #align = newProbabilities(1 << alignBits);
  readonly #lengths = new LengthCoder();
  readonly #repLengths = new LengthCoder();
  #rep: [number, number, number, number] = [0, 0, 0, 0];
  #state = 0;

  /** @param properties the byte `(pb * 5 + lp) * 9 + lc` */
  constructor(properties: number, out: Inflated) {
    if (properties >= 9 * 5 * 5) throw corrupt(`LZMA properties ${properties} do not exist`);
    const lp = Math.floor(properties / 9) % 5;
    this.#lc = properties % 9;
    this.#lpMask = (1 << lp) - 1;
    this.#pbMask = (1 << Math.floor(properties / 45)) - 1;
    this.#literals = newProbabilities(0x300 << (this.#lc + lp));
    this.#out = out;
  }

  /**
   * Decodes until the output has `end` bytes, or to the end marker.
   * @param start where the dictionary begins in the output
   * @returns whether the end marker was met
   */
  decode(rc: RangeDecoder, start: number, end: number): boolean {
    const out = this.#out;
    for (let turn = 1; out.length < end; turn += 1) {
      if ((turn & 0xffff) === 0) out.tick();
      const position = (out.length - start) & this.#pbMask;
      if (rc.bit(this.#isMatch, (this.#state << 4) + position) === 0) this.#literal(rc, start);
      else {
        const length = this.#match(rc, start, position);
        if (length === undefined) return true;
        if (length > end - out.length) throw corrupt('an LZMA match reaches beyond its chunk');
        if (length > 0) out.repeat(this.#rep[0] + 1, length, start);
      }
    }
    return false;
  }

  #literal(rc: RangeDecoder, start: number): void {
    const out = this.#out;
    out.reserve(1);
    const { bytes, length } = out;
    const previous = length > start ? (bytes[length - 1] ?? 0) : 0;
    const context = (((length - start) & this.#lpMask) << this.#lc) + (previous >> (8 - this.#lc));
    const base = 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      if (this.#rep[0] >= length - start)
        throw corrupt('an LZMA literal refers to before the start');
      let match = bytes[length - this.#rep[0] - 1] ?? 0;
      while (symbol < 0x100) {
        const expected = (match >> 7) & 1;
        match <<= 1;
        const bit = rc.bit(this.#literals, base + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (expected !== bit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | rc.bit(this.#literals, base + symbol);
    bytes[length] = symbol & 0xff;
    out.length = length + 1;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** @returns the length to repeat from `rep[0]`, or undefined at the end marker */
  #match(rc: RangeDecoder, start: number, position: number): number | undefined {
    const state = this.#state;
    if (rc.bit(this.#isRep, state) === 0) {
      const [a, b, c] = this.#rep;
      const length = this.#lengths.decode(rc, position);
      this.#state = state < 7 ? 7 : 10;
      const distance = this.#distance(rc, length);
      this.#rep = [distance, a, b, c];
      return distance === 0xffffffff ? undefined : length + 2;
    }
    if (this.#out.length === start) throw corrupt('an LZMA stream begins with a repetition');
    if (rc.bit(this.#isRepG0, state) === 0) {
      if (rc.bit(this.#isRep0Long, (state << 4) + position) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else this.#rotate(rc, state);
    this.#state = state < 7 ? 8 : 11;
    return this.#repLengths.decode(rc, position) + 2;
  }

  #rotate(rc: RangeDecoder, state: number): void {
    const [a, b, c, d] = this.#rep;
    if (rc.bit(this.#isRepG1, state) === 0) this.#rep = [b, a, c, d];
    else if (rc.bit(this.#isRepG2, state) === 0) this.#rep = [c, a, b, d];
    else this.#rep = [d, a, b, c];
  }

  #distance(rc: RangeDecoder, length: number): number {
    const slots = this.#slots[Math.min(length, 3)] ?? this.#align;
    const slot = rc.tree(slots, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < endPositionModel) return base + rc.reverseTree(this.#positions, base - slot, bits);
    return (
      base +
      rc.direct(bits - alignBits) * 2 ** alignBits +
      rc.reverseTree(this.#align, 0, alignBits)
    );
  }
}
