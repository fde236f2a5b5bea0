import type { PyValue } from '../../../records.ts';
import { forbiddenCall } from '../errors.ts';
import type { Machine } from '../machine.ts';

/** What the reader makes where Python would call a function: a value out of values, nothing else. */
export type Call = (args: readonly PyValue[], machine: Machine) => PyValue;

/** The items of a list, tuple or set, without looking into arrays. */
export function plainItems(value: PyValue | undefined, what: string): readonly PyValue[] {
  if (value === undefined) return [];
  if (
    value !== null &&
    typeof value === 'object' &&
    (value.kind === 'list' || value.kind === 'tuple' || value.kind === 'set')
  )
    return value.items;
  throw forbiddenCall(`${what} is made of something that is no list`);
}
