import { SklearnImportError } from '../../errors.ts';
import type { Deadline } from '../deadline.ts';
import { corrupt } from './corrupt.ts';

/** The output of a decoder, and its window: it grows as needed, up to a limit, and never beyond. */
export class Inflated {
  bytes = new Uint8Array(1 << 16);
  length = 0;
  readonly #limit: number;
  readonly #deadline: Deadline;

  constructor(limit: number, deadline: Deadline) {
    this.#limit = limit;
    this.#deadline = deadline;
  }

  /**
   * Makes room for `count` more bytes. Decoders ask once per block or match, so the deadline is looked at when the
   * buffer grows and by `tick`.
   * @throws COMPRESSION_LIMIT
   */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    this.#deadline.check();
    if (needed > this.#limit) throw tooLarge(this.#limit);
    const grown = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  append(part: Uint8Array): void {
    this.reserve(part.length);
    this.bytes.set(part, this.length);
    this.length += part.length;
  }

  /** Repeats `count` bytes from `distance` bytes back, not reaching before `start`. They may overlap. */
  repeat(distance: number, count: number, start: number): void {
    if (distance < 1 || distance > this.length - start)
      throw corrupt(
        `a match reaches ${distance} bytes back, beyond the ${this.length - start} there are`,
      );
    this.reserve(count);
    const { bytes } = this;
    let at = this.length;
    if (distance >= count && count > 16) bytes.copyWithin(at, at - distance, at - distance + count);
    else for (const end = at + count; at < end; at += 1) bytes[at] = bytes[at - distance] ?? 0;
    this.length += count;
  }

  tick(): void {
    this.#deadline.check();
  }

  result(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

export function tooLarge(limit: number): SklearnImportError {
  return new SklearnImportError('COMPRESSION_LIMIT', `the file inflates beyond ${limit} bytes`, {
    limit: 'inflatedBytes',
    allowed: limit,
  });
}
