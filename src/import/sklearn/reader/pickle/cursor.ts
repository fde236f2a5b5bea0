import { corruptPickle } from './errors.ts';

/** Longest line of a textual opcode, such as the digits of PUT; texts are bounded apart. */
const maxLine = 4096;

/** The bytes of a pickle, read from front to back. Nested pickles and joblib's arrays share one cursor. */
export class Cursor {
  readonly bytes: Uint8Array;
  at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A length of 8 bytes, which must fit into what is left. */
  length64(): number {
    const length = this.#view.getBigUint64(this.#advance(8), true);
    if (length > BigInt(this.left))
      throw corruptPickle(`a length of ${length} bytes, with ${this.left} left,`, this.at);
    return Number(length);
  }

  skip(count: number): void {
    this.#advance(count);
  }

  /** A view, not a copy. */
  take(count: number): Uint8Array {
    const from = this.#advance(count);
    return this.bytes.subarray(from, from + count);
  }

  /** Up to the next line feed, which is left out. */
  line(longest = maxLine): Uint8Array {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw corruptPickle('a line without an end', this.at);
    if (end - this.at > longest)
      throw corruptPickle(
        `a line of ${end - this.at} bytes, at most ${longest} are read,`,
        this.at,
      );
    const line = this.bytes.subarray(this.at, end);
    this.at = end + 1;
    return line;
  }

  #advance(count: number): number {
    const from = this.at;
    if (count < 0 || count > this.left)
      throw corruptPickle(`${count} bytes are needed and ${this.left} are left`, from);
    this.at = from + count;
    return from;
  }
}
