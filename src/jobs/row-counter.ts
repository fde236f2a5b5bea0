import { Transform, type TransformCallback } from 'node:stream';
import type { JobFormat } from '../db/prediction-jobs.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;

/** Passes a file on and counts its rows: lines with something in them, but not within CSV's quotes. */
export class RowCounter extends Transform {
  readonly #quotes: boolean;
  readonly #heading: number;
  #lines = 0;
  #quoted = false;
  #something = false;

  constructor(format: JobFormat) {
    super();
    this.#quotes = format === 'csv';
    this.#heading = format === 'csv' ? 1 : 0;
  }

  /** Once the stream has ended. A quote within quotes is doubled, so it opens and closes again. */
  get rows(): number {
    return Math.max(0, this.#lines + (this.#something ? 1 : 0) - this.#heading);
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    for (const byte of chunk) {
      if (byte === NEWLINE && !this.#quoted) {
        if (this.#something) this.#lines += 1;
        this.#something = false;
      } else if (this.#quotes ? byte !== RETURN : byte > SPACE) {
        this.#something = true;
        if (byte === QUOTE && this.#quotes) this.#quoted = !this.#quoted;
      }
    }
    done(null, chunk);
  }
}
