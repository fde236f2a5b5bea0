import { createReadStream } from 'node:fs';
import { FoveaError } from '../errors.ts';
import { addedNames, MAX_ROW_BYTES, type ReadRow, type RowFile } from './row-format.ts';
import type { RowOutcome } from './row-predictor.ts';

/** One value of JSON per line: a record by feature name, or a list of values. */
export function openNdjson(path: string): RowFile {
  return {
    heading: '',
    rows: (offset, signal) => readRows(path, offset, signal),
    line: ({ source }, outcome) => `${JSON.stringify(joined(source, outcome))}\n`,
  };
}

async function* readRows(
  path: string,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<ReadRow> {
  for await (const { text, end } of linesOf(path, start, signal)) {
    if (text.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(text);
      yield { row: { kind: 'json', value }, source: value, end };
    } catch {
      const source = text.slice(0, 1_000);
      yield { row: undefined, mistake: 'The line is not JSON.', source, end };
    }
  }
}

async function* linesOf(
  path: string,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<{ text: string; end: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let end = start;
  const chunks = createReadStream(path, { start, signal }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10, from)) {
      end += at + 1 - from;
      yield { text: rest.toString('utf8', from, at), end };
      from = at + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > MAX_ROW_BYTES) {
      const message = `A line of the NDJSON file, at byte ${end}, is longer than ${MAX_ROW_BYTES} bytes.`;
      throw new FoveaError('JOB_INPUT_INVALID', message);
    }
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), end: end + rest.length };
}

/** A record keeps its fields; anything else becomes the field `input`. */
function joined(source: unknown, outcome: RowOutcome): object {
  const plain = typeof source !== 'object' || source === null || Array.isArray(source);
  const fields = plain ? { input: source } : (source as Readonly<Record<string, unknown>>);
  const names = addedNames((name) => Object.hasOwn(fields, name));
  if (!outcome.ok)
    return { ...fields, [names.error]: { code: outcome.code, message: outcome.message } };
  const { prediction, confidence, probabilities, scores } = outcome;
  return {
    ...fields,
    [names.prediction]: prediction,
    ...(confidence === undefined ? {} : { [names.confidence]: confidence }),
    ...(probabilities === undefined ? {} : { [names.probabilities]: probabilities }),
    ...(scores === undefined ? {} : { [names.scores]: scores }),
  };
}
