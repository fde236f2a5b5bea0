import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { CsvError, parse, type Options, type Parser } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { FoveaError } from '../errors.ts';
import { addedNames, MAX_ROW_BYTES, type ReadRow, type RowFile } from './row-format.ts';
import type { RowOutcome } from './row-predictor.ts';

/** CSV as RFC 4180 has it: a heading of unique names, commas, quotes doubled within quotes. */
const options: Options = {
  bom: true,
  info: true,
  relax_column_count: true, // a row of another length is that row's mistake
  record_delimiter: ['\r\n', '\n'], // said, not guessed: reading may begin anywhere
  skip_empty_lines: true,
  max_record_size: MAX_ROW_BYTES,
};

interface Parsed {
  readonly record: string[];
  readonly info: { readonly bytes: number };
}

/**
 * @param scores whether results have a column of them: of models that give no probabilities
 * @throws FoveaError JOB_INPUT_INVALID when there is no usable heading.
 */
export async function openCsv(
  path: string,
  scores: boolean,
  signal: AbortSignal,
): Promise<RowFile> {
  const { names, end } = await readHeading(path, signal);
  const columns = addedNames((name) => names.includes(name));
  const added = [
    columns.prediction,
    columns.confidence,
    columns.probabilities,
    ...(scores ? [columns.scores] : []),
    columns.error,
  ];
  return {
    heading: stringify([[...names, ...added]]),
    rows: (offset, signal) => readRows(path, names, Math.max(offset, end), signal),
    line: ({ source }, outcome) =>
      stringify([[...(source as string[]), ...cellsOf(outcome, scores)]]),
  };
}

async function readHeading(
  path: string,
  signal: AbortSignal,
): Promise<{ names: string[]; end: number }> {
  for await (const { record, info } of parsed(path, 0, signal)) {
    const names = record.map((name) => name.trim());
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice === undefined) return { names, end: info.bytes };
    throw invalid(
      `The CSV heading has the name "${twice.slice(0, 100)}" twice; names must differ.`,
    );
  }
  throw invalid('The CSV file is empty; it must begin with a heading of column names.');
}

async function* readRows(
  path: string,
  names: readonly string[],
  start: number,
  signal: AbortSignal,
): AsyncGenerator<ReadRow> {
  for await (const { record, info } of parsed(path, start, signal)) {
    const end = start + info.bytes;
    // The result keeps its columns in place whatever the row brings.
    const source = names.map((_, at) => record[at] ?? '');
    if (record.length === names.length) {
      const cells = Object.fromEntries(names.map((name, at) => [name, record[at] ?? '']));
      yield { row: { kind: 'text', cells }, source, end };
    } else {
      const mistake = `The row has ${record.length} columns; the heading has ${names.length}.`;
      yield { row: undefined, mistake, source, end };
    }
  }
}

async function* parsed(path: string, start: number, signal: AbortSignal): AsyncGenerator<Parsed> {
  const input: Readable = createReadStream(path, { start });
  const parser: Parser = parse(options);
  // The error of either is thrown by the loop below.
  pipeline(input, parser, () => {});
  const abort = (): void => void parser.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const item of parser as AsyncIterable<Parsed>) yield item;
  } catch (error) {
    if (error instanceof CsvError)
      throw invalid(`The CSV file cannot be read: ${error.message}.`, error);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    input.destroy();
    parser.destroy();
  }
}

function cellsOf(outcome: RowOutcome, withScores: boolean): string[] {
  if (!outcome.ok)
    return ['', '', '', ...(withScores ? [''] : []), `${outcome.code}: ${outcome.message}`];
  const { prediction, confidence, probabilities, scores } = outcome;
  return [
    cell(prediction),
    confidence === undefined ? '' : String(confidence),
    probabilities === undefined ? '' : JSON.stringify(probabilities),
    ...(withScores ? [scores === undefined ? '' : cell(scores)] : []),
    '',
  ];
}

function cell(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function invalid(message: string, cause?: unknown): FoveaError {
  return new FoveaError('JOB_INPUT_INVALID', message, {}, cause);
}
