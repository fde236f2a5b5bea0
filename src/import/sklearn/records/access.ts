import { SklearnImportError } from '../errors.ts';
import type { PyValue } from '../records.ts';
import { NdArray } from './ndarray.ts';
import { PyObject } from './py-object.ts';

/** Short name of a value's type, for messages. */
export function typeName(value: PyValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'object')
    return value.kind === 'object' ? value.cls.qualifiedName : value.kind;
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  return typeof value === 'string' ? 'str' : 'bool';
}

/** An attribute that the class always has. `place` says where the object sits, such as `pipeline step 'clf'`. */
export function attribute(object: PyObject, name: string, place: string): PyValue {
  const value = object.attributes.get(name);
  if (value !== undefined) return value;
  throw new SklearnImportError(
    'RECORD_MISSING',
    `${object.cls.qualifiedName} at ${place} has no attribute ${name}; was it fitted before it was saved?`,
    { class: object.cls.qualifiedName, attribute: name, place },
  );
}

/** A numpy scalar as the plain value that it wraps; anything else as it is. */
export function unwrap(value: PyValue): PyValue {
  return value !== null && typeof value === 'object' && value.kind === 'scalar'
    ? value.value
    : value;
}

/** An int, float, bool or numpy scalar, or a 0-d array of one, as a JavaScript number. */
export function asNumber(value: PyValue, place: string): number {
  const inner = unwrap(value);
  if (typeof inner === 'number') return inner;
  if (typeof inner === 'boolean' || typeof inner === 'bigint') return Number(inner);
  if (inner !== null && typeof inner === 'object') {
    if (inner.kind === 'float') return inner.value;
    if (inner.kind === 'array' && inner.size === 1) return inner.numbers()[0] ?? NaN;
  }
  throw mismatch(value, 'a number', place);
}

export function asInteger(value: PyValue, place: string): number {
  const number = asNumber(value, place);
  if (Number.isSafeInteger(number)) return number;
  throw mismatch(value, 'an integer', place);
}

export function asBoolean(value: PyValue, place: string): boolean {
  const inner = unwrap(value);
  if (typeof inner === 'boolean') return inner;
  if (inner === 0 || inner === 1) return inner === 1;
  throw mismatch(value, 'a bool', place);
}

export function asString(value: PyValue, place: string): string {
  const inner = unwrap(value);
  if (typeof inner === 'string') return inner;
  throw mismatch(value, 'a str', place);
}

/** The items of a list, tuple, set or array (in C order). */
export function asItems(value: PyValue, place: string): readonly PyValue[] {
  if (value instanceof NdArray) return value.values();
  if (value !== null && typeof value === 'object') {
    if (value.kind === 'list' || value.kind === 'tuple' || value.kind === 'set') return value.items;
    if (value.kind === 'object' && value.listItems.length > 0) return value.listItems;
  }
  throw mismatch(value, 'a list, tuple or array', place);
}

function mismatch(value: PyValue | undefined, wanted: string, place: string): SklearnImportError {
  return new SklearnImportError(
    'RECORD_TYPE',
    `${place} is ${typeName(value)}, and must be ${wanted}`,
    { place, found: typeName(value), wanted },
  );
}
