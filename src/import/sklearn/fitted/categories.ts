import { NdArray, PyFloat, asItems, unwrap } from '../records.ts';
import type { PyValue } from '../records.ts';
import type { Classes } from '../graph/values.ts';

/** A value of a column: a word, a number, or null for None and NaN. */
export type Category = string | number | null;

/** Undefined for what is neither a word nor a number. */
export function categoryOf(value: PyValue): Category | undefined {
  const inner = unwrap(value);
  if (inner === null || typeof inner === 'string') return inner;
  if (typeof inner === 'number' || typeof inner === 'boolean' || typeof inner === 'bigint')
    return Number(inner);
  if (inner instanceof PyFloat) return Number.isNaN(inner.value) ? null : inner.value;
  return undefined;
}

/** Labels of one type; undefined for a mixture or anything else. */
export function classesOf(value: PyValue, place: string): Classes | undefined {
  const items = asItems(value, place).map(unwrap);
  if (items.length === 0) return undefined;
  const strings = items.filter((item) => typeof item === 'string');
  if (strings.length === items.length) return { type: 'string', values: strings };
  if (items.every((item) => typeof item === 'boolean'))
    return { type: 'bool', values: items.map(Number) };
  const numbers = items.map(categoryOf).filter((item) => typeof item === 'number');
  if (numbers.length !== items.length) return undefined;
  const fractional = items.some((item) => item instanceof PyFloat);
  if (!fractional && !numbers.every((v) => Number.isSafeInteger(v))) return undefined;
  const type =
    fractional || (value instanceof NdArray && value.dtype.code === 'f') ? 'float64' : 'int64';
  return { type, values: numbers };
}
