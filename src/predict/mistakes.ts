import { FoveaError } from '../errors.ts';
import type { InputMistake } from '../protocol/prediction.ts';

const mostMistakes = 20;

/** Collects what is wrong with the rows of one request, so that all of it is said at once. */
export class Mistakes {
  readonly #found: InputMistake[] = [];

  /** Whether enough was found: looking further would tell nobody anything. */
  get full(): boolean {
    return this.#found.length >= mostMistakes;
  }

  add(row: number, column: string | number | null, message: string): void {
    if (!this.full) this.#found.push({ row, column, message });
  }

  /** @throws FoveaError PREDICT_INPUT_INVALID naming the first mistake, with all of them in its details. */
  throwIfAny(): void {
    const [first] = this.#found;
    if (!first) return;
    const where =
      first.column === null
        ? `row ${first.row}`
        : `row ${first.row}, column ${named(first.column)}`;
    const others = this.#found.length - 1;
    const more =
      others === 0
        ? ''
        : ` There ${others === 1 ? 'is one more mistake' : `are ${others} more mistakes`}.`;
    throw new FoveaError('PREDICT_INPUT_INVALID', `In ${where}: ${first.message}.${more}`, {
      row: first.row,
      column: first.column,
      mistakes: this.#found,
    });
  }
}

function named(column: string | number): string {
  return typeof column === 'number' ? String(column) : JSON.stringify(column);
}
