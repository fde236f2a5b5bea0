import type { PyValue } from '../records.ts';
import { partsOf } from './parts.ts';

/** Meets every value once, without recursion, parts in the order of the file. */
export function visit(root: PyValue, meet: (value: PyValue) => void): void {
  const seen = new Set<PyValue>();
  const open: PyValue[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const parts = partsOf(value);
    if (parts !== undefined) {
      if (seen.has(value)) continue;
      seen.add(value);
    }
    meet(value);
    for (let i = (parts?.length ?? 0) - 1; i >= 0; i -= 1) {
      const part = parts?.[i];
      if (part !== undefined) open.push(part);
    }
  }
}
