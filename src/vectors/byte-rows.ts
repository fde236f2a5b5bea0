import { dotKernel } from './dot-kernel.ts';

/** The kernel takes 16 bytes at a time. */
const lanes = 16;
/** Of WebAssembly. */
const pageBytes = 65_536;
const largest = 127;
/** More than a length of 1 in 32-bit numbers is off. */
const rounding = 1e-6;

/** A vector in bytes: nearly `scale` times them. */
interface Coded {
  readonly scale: number;
  /** Length of what the bytes leave out. */
  readonly error: number;
}

/**
 * Rows of vectors of length 1 in one byte per value, a quarter of what has to be read to compare them. How far a
 * comparison of bytes may be from that of the vectors is known for each row, so whoever looks closer at the rows that
 * `near` names misses none.
 */
export class ByteRows {
  readonly #dimensions: number;
  readonly #width: number;
  readonly #scales: Float64Array;
  readonly #errors: Float64Array;
  readonly #memory: WebAssembly.Memory;
  readonly #dots: (rows: number, count: number, query: number, into: number, width: number) => void;
  /** Rows that are compared in one go; their results stand at the start of the memory. */
  readonly #atOnce = 256;
  readonly #queryAt = this.#atOnce * 4;
  readonly #rowsAt: number;

  constructor(dimensions: number, rows: number) {
    this.#dimensions = dimensions;
    this.#width = Math.ceil(dimensions / lanes) * lanes;
    this.#scales = new Float64Array(rows);
    this.#errors = new Float64Array(rows);
    this.#rowsAt = this.#queryAt + this.#width;
    const pages = Math.ceil((this.#rowsAt + rows * this.#width) / pageBytes);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#dots = dotKernel(this.#memory);
  }

  set(row: number, vector: Float32Array): void {
    const { scale, error } = this.#code(vector, this.#rowsAt + row * this.#width);
    this.#scales[row] = scale;
    this.#errors[row] = error;
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength + this.#scales.byteLength + this.#errors.byteLength;
  }

  wipe(row: number): void {
    this.set(row, new Float32Array(this.#dimensions));
  }

  /**
   * Calls `offer` with the rows, of the first `rows`, whose cosine with the query may be more than what `floor` says just
   * then: with all of them, and few others.
   */
  near(query: Float32Array, rows: number, floor: () => number, offer: (row: number) => void): void {
    const { scale, error } = this.#code(query, this.#queryAt);
    const products = new Int32Array(this.#memory.buffer, 0, this.#atOnce);
    for (let from = 0; from < rows; from += this.#atOnce) {
      const count = Math.min(this.#atOnce, rows - from);
      this.#dots(this.#rowsAt + from * this.#width, count, this.#queryAt, 0, this.#width);
      for (let at = 0; at < count; at++) {
        const row = from + at;
        // |q·v - q'·v'| = |q·(v - v') + (q - q')·v'|, and lengths multiply; the query has length 1, the row's copy nearly.
        const rowError = this.#errors[row] ?? 0;
        const slack = rowError + error * (1 + rowError) + rounding;
        const cosine = (products[at] ?? 0) * scale * (this.#scales[row] ?? 0);
        if (cosine + slack > floor()) offer(row);
      }
    }
  }

  /** Writes a vector's bytes, rounded so that the largest value is 127. */
  #code(vector: Float32Array, at: number): Coded {
    const bytes = new Int8Array(this.#memory.buffer, at, this.#dimensions);
    let most = 0;
    for (const value of vector) most = Math.max(most, Math.abs(value));
    const scale = most / largest;
    let squares = 0;
    for (let index = 0; index < this.#dimensions; index++) {
      const value = vector[index] ?? 0;
      const byte = scale === 0 ? 0 : Math.round(value / scale);
      bytes[index] = byte;
      squares += (value - byte * scale) ** 2;
    }
    return { scale, error: Math.sqrt(squares) };
  }
}
