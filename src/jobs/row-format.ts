import type { InputRow, RowOutcome } from './row-predictor.ts';

/** A row as it was read, or why it could not be. */
export interface ReadRow {
  /** Undefined when the line is no row. */
  readonly row: InputRow | undefined;
  /** Why not. */
  readonly mistake?: string;
  /** What was read, to be written to the result again. */
  readonly source: unknown;
  /** Bytes from the start of the file to the next row. */
  readonly end: number;
}

/** A file of rows, opened; the result has the same format with the prediction beside each row. */
export interface RowFile {
  /** What a result begins with; empty for formats without a heading. */
  readonly heading: string;
  /**
   * Rows from the byte `offset` on: 0 or the `end` of a row.
   * @throws FoveaError JOB_INPUT_INVALID where the rest of the file makes no sense.
   */
  rows(offset: number, signal: AbortSignal): AsyncIterable<ReadRow>;
  /** A row of the result, with its line end. */
  line(read: ReadRow, outcome: RowOutcome): string;
}

/** A longer row is refused: it is held in memory as a whole. */
export const MAX_ROW_BYTES = 1024 * 1024;

/** Names of the columns that results add; prefixed where the file has a column of that name. */
const added = ['prediction', 'confidence', 'probabilities', 'scores', 'error'] as const;
export type AddedColumn = (typeof added)[number];

export function addedNames(taken: (name: string) => boolean): Record<AddedColumn, string> {
  const name = (column: AddedColumn): string => (taken(column) ? `fovea_${column}` : column);
  return {
    prediction: name('prediction'),
    confidence: name('confidence'),
    probabilities: name('probabilities'),
    scores: name('scores'),
    error: name('error'),
  };
}
