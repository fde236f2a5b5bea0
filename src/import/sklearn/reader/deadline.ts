import { SklearnImportError } from '../errors.ts';

/** A point in time that no loop of the reader goes beyond. */
export class Deadline {
  readonly #milliseconds: number;
  readonly #end: number;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#end = performance.now() + milliseconds;
  }

  /** @throws READ_TIMEOUT */
  check(): void {
    if (performance.now() <= this.#end) return;
    throw new SklearnImportError(
      'READ_TIMEOUT',
      `reading took longer than ${this.#milliseconds} ms`,
      { limit: 'milliseconds', allowed: this.#milliseconds },
    );
  }
}
