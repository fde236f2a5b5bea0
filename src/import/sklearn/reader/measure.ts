import { SklearnImportError } from '../errors.ts';
import type { PyValue } from '../records.ts';
import type { Deadline } from './deadline.ts';
import { overLimit } from './pickle/errors.ts';
import type { ReadLimits } from './limits.ts';
import { partsOf } from './parts.ts';

/** A value with parts, while its parts are being walked. */
interface Visit {
  readonly value: object;
  readonly parts: readonly PyValue[];
  next: number;
  depth: number;
  paths: number;
}

type Measure = Pick<Visit, 'depth' | 'paths'>;

/**
 * Makes sure that whoever walks the value recursively, without remembering where it was, comes to an end soon: that it
 * does not contain itself, is not deep, and that its shared parts, written out, are not many ("billion laughs").
 * Walks without recursion.
 * @throws PICKLE_CORRUPT for a cycle, PICKLE_LIMIT (`depth`, `paths`), READ_TIMEOUT
 */
export function measure(root: PyValue, limits: ReadLimits, deadline: Deadline): void {
  const known = new Map<object, Measure | undefined>();
  const open: Visit[] = [];
  const enter = (value: PyValue): Measure => {
    const parts = partsOf(value);
    if (parts === undefined || value === null || typeof value !== 'object') return leaf;
    if (known.has(value)) {
      const measured = known.get(value);
      if (measured) return measured;
      throw new SklearnImportError('PICKLE_CORRUPT', `a ${value.kind} contains itself`, {
        kind: value.kind,
      });
    }
    if (parts.length === 0) return leaf;
    known.set(value, undefined);
    open.push({ value, parts, next: 0, depth: 1, paths: 1 });
    if (open.length > limits.depth)
      throw overLimit('depth', limits.depth, 'values lie deeper in each other');
    return nothing;
  };
  enter(root);
  for (let visit = open.at(-1), turn = 1; visit; visit = open.at(-1), turn += 1) {
    if ((turn & 0xffff) === 0) deadline.check();
    const part = visit.parts[visit.next];
    visit.next += 1;
    if (part !== undefined) add(visit, enter(part), limits);
    else {
      open.pop();
      known.set(visit.value, { depth: visit.depth, paths: visit.paths });
      const outer = open.at(-1);
      if (outer) add(outer, visit, limits);
    }
  }
}

const leaf: Measure = { depth: 0, paths: 1 };
/** Of a value whose parts come first: it is added when they are done. */
const nothing: Measure = { depth: 0, paths: 0 };

function add(visit: Visit, part: Measure, limits: ReadLimits): void {
  visit.depth = Math.max(visit.depth, part.depth + 1);
  visit.paths += part.paths;
  if (visit.depth > limits.depth)
    throw overLimit('depth', limits.depth, 'values lie deeper in each other');
  if (visit.paths > limits.paths)
    throw overLimit('paths', limits.paths, 'shared parts, written out, are more values');
}
