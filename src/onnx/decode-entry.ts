import { readMessage } from './message-reader.ts';
import type { Field } from './message-reader.ts';

/** A `StringStringEntryProto`, in metadata and in references to external data. */
export function readEntry(field: Field, into: Map<string, string>): void {
  field.budget.take('maxItems');
  let key = '';
  let value = '';
  readMessage(field.bytes(), field.depth + 1, field.budget, {
    1: (f) => (key = f.text()),
    2: (f) => (value = f.text()),
  });
  into.set(key, value);
}
