import { corrupt } from './corrupt.ts';

/** Bytes read from front to back; reading beyond the end is an error. */
export class ByteInput {
  readonly bytes: Uint8Array;
  at: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    const from = this.#advance(1);
    return this.#view.getUint8(from);
  }

  u16be(): number {
    const from = this.#advance(2);
    return this.#view.getUint16(from, false);
  }

  u32(): number {
    const from = this.#advance(4);
    return this.#view.getUint32(from, true);
  }

  u64(): bigint {
    const from = this.#advance(8);
    return this.#view.getBigUint64(from, true);
  }

  take(count: number): Uint8Array {
    const from = this.#advance(count);
    return this.bytes.subarray(from, from + count);
  }

  #advance(count: number): number {
    const from = this.at;
    if (count < 0 || count > this.left)
      throw corrupt(`the compressed stream ends at byte ${this.bytes.length}, in the middle`);
    this.at = from + count;
    return from;
  }
}
