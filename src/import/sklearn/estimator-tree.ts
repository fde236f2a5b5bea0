import { NdArray, PyDict, PyObject } from './records.ts';
import type { PyValue } from './records.ts';

/** What a model is made of, for people. JSON-safe. */
export interface EstimatorTree {
  readonly class: string;
  readonly place: string;
  readonly parts: readonly EstimatorTree[];
}

const maxParts = 500;
const maxDepth = 12;

/** Estimators are objects that carry the version they were saved with; a forest's trees are left out. */
export function estimatorTree(root: PyObject, place: string): EstimatorTree {
  return describe(root, place, new Set(), { left: maxParts }, 0);
}

function describe(
  object: PyObject,
  place: string,
  seen: Set<PyObject>,
  room: { left: number },
  depth: number,
): EstimatorTree {
  seen.add(object);
  room.left -= 1;
  const parts: EstimatorTree[] = [];
  for (const [name, value] of object.attributes) {
    if (depth >= maxDepth) break;
    for (const [part, at] of estimatorsIn(value, name, 3)) {
      if (
        seen.has(part) ||
        room.left <= 0 ||
        /^(?:Decision|Extra)Tree(?:Class|Regr)/.test(part.name)
      )
        continue;
      parts.push(describe(part, at, seen, room, depth + 1));
    }
  }
  return { class: object.cls.qualifiedName, place, parts };
}

function estimatorsIn(
  value: PyValue,
  place: string,
  levels: number,
): (readonly [PyObject, string])[] {
  if (value instanceof PyObject)
    return value.attributes.has('_sklearn_version') ? [[value, place]] : [];
  if (levels === 0 || value === null || typeof value !== 'object' || value instanceof PyDict)
    return [];
  const items =
    value instanceof NdArray
      ? value.objects
        ? value.values()
        : []
      : 'items' in value
        ? value.items
        : [];
  const [title] = items;
  return items
    .slice(0, 1000)
    .flatMap((item, i) =>
      estimatorsIn(
        item,
        typeof title === 'string' ? `${place}.${title}` : `${place}[${i}]`,
        levels - 1,
      ),
    );
}
