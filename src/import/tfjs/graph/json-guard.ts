import type { TfjsLimits } from '../limits.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';

/**
 * Parses the JSON's bytes, or takes a parsed object, and walks it once without recursion: depth and
 * number of values are bounded, and `__proto__` as a key is refused before anything copies it.
 * @returns the parsed value; nothing is known about its form yet.
 */
export function guardedJson(source: Uint8Array | object, limits: TfjsLimits): unknown {
  const parsed = source instanceof Uint8Array ? parse(source, limits) : source;
  let level: unknown[] = [parsed];
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.jsonDepth) {
      throw new TfjsImportError(
        'TFJS_JSON_INVALID',
        `The JSON is nested deeper than ${limits.jsonDepth} levels.`,
      );
    }
    const next: unknown[] = [];
    for (const value of level) {
      count += pushChildren(value, next);
      if (count > limits.jsonValues) {
        throw new TfjsImportError(
          'TFJS_LIMIT',
          `More than ${limits.jsonValues} values in the JSON.`,
        );
      }
    }
    level = next;
  }
  return parsed;
}

function parse(bytes: Uint8Array, limits: TfjsLimits): unknown {
  if (bytes.byteLength > limits.jsonBytes) {
    throw new TfjsImportError(
      'TFJS_LIMIT',
      `The JSON has ${bytes.byteLength} bytes, at most ${limits.jsonBytes} are read.`,
    );
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new TfjsImportError('TFJS_JSON_INVALID', 'The bytes are not JSON in UTF-8.', {}, error);
  }
}

function pushChildren(value: unknown, into: unknown[]): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value)) {
    for (const child of value as unknown[]) into.push(child);
    return value.length;
  }
  const entries = Object.entries(value);
  for (const [key, child] of entries) {
    if (key === '__proto__') {
      throw new TfjsImportError('TFJS_JSON_INVALID', 'The JSON has a key named "__proto__".');
    }
    into.push(child);
  }
  return entries.length;
}
