import { NdArray, PyDict, PyObject, dtypeText } from '../../records.ts';
import type { PyValue } from '../../records.ts';
import { shortText } from './short-text.ts';

/** One object of a model, for people to look at. JSON-safe. */
export interface ModelTree {
  /** How its owner calls it, such as `steps[1].clf`; empty for the root. */
  readonly name: string;
  /** Full name of the class, or the kind of a plain value. */
  readonly type: string;
  /** Constructor arguments: attributes without underscores at either end. Long values are cut. */
  readonly params: Readonly<Record<string, string>>;
  readonly arrays: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
  }[];
  readonly children: readonly ModelTree[];
  /** Neighbours of the same class that are left out, such as the other 99 trees of a forest. */
  readonly alike?: number;
}

const maxNodes = 2000;
const maxDepth = 24;
const maxEntries = 200;
const maxLooks = 500_000;
/** Parameters and arrays of all nodes together. */
const maxDetails = 20_000;
const maxName = 120;

/** What a file holds: classes, parameters, shapes of arrays. Never deeper or longer than a page can show. */
export function modelTree(root: PyValue): ModelTree {
  return describe('', root, { left: maxNodes, looks: maxLooks, details: maxDetails }, 0);
}

interface Room {
  left: number;
  /** Values that may still be looked at in search of objects. */
  looks: number;
  details: number;
}

function describe(name: string, value: PyValue, room: Room, depth: number): ModelTree {
  room.left -= 1;
  const params: [string, string][] = [];
  const arrays: { name: string; dtype: string; shape: readonly number[] }[] = [];
  const children: ModelTree[] = [];
  for (const [entry, part] of entriesOf(value).slice(0, maxEntries)) {
    const key = entry.slice(0, maxName);
    if (part instanceof NdArray && room.details > 0) {
      const dtype = dtypeText(part.dtype).slice(0, maxName);
      arrays.push({ name: key, dtype, shape: part.shape });
      room.details -= 1;
    }
    const inner = objectsIn(key, part, room);
    if (inner.length > 0 && depth < maxDepth) children.push(...group(inner, room, depth + 1));
    else if (isParameter(key, part) && room.details > 0) {
      params.push([key, shortText(part)]);
      room.details -= 1;
    }
  }
  const type = value instanceof PyObject ? value.cls.qualifiedName : shortText(value);
  return {
    name: name.slice(0, maxName),
    type: type.slice(0, 2 * maxName),
    params: Object.fromEntries(params),
    arrays,
    children,
  };
}

function isParameter(key: string, value: PyValue): boolean {
  return !key.startsWith('_') && !key.endsWith('_') && !(value instanceof NdArray);
}

/** Attributes of an object, or the items of whatever else the root is. */
function entriesOf(value: PyValue): (readonly [string, PyValue])[] {
  if (value instanceof PyObject) return [...value.attributes, ...dictEntries(value.dictItems)];
  if (value instanceof PyDict) return dictEntries(value);
  return itemsOf(value).map((item, i) => [`[${i}]`, item] as const);
}

function dictEntries(dict: PyDict | undefined): (readonly [string, PyValue])[] {
  return dict ? Array.from(dict.entries(), ([key, value]) => [shortText(key), value] as const) : [];
}

function itemsOf(value: PyValue): readonly PyValue[] {
  if (value === null || typeof value !== 'object') return [];
  if (value.kind === 'list' || value.kind === 'tuple' || value.kind === 'set') return value.items;
  return value.kind === 'array' ? (value.objects ?? []) : [];
}

/** The objects that an attribute holds: itself, or in lists, tuples, dicts and object arrays, three levels deep. */
function objectsIn(
  name: string,
  value: PyValue,
  room: Room,
  levels = 3,
): (readonly [string, PyObject])[] {
  if (value instanceof PyObject) return [[name, value]];
  room.looks -= 1;
  if (levels === 0 || room.looks < 0) return [];
  const found: (readonly [string, PyObject])[] = [];
  const inner =
    value instanceof PyDict
      ? dictEntries(value)
      : itemsOf(value).map((item, i) => [`[${i}]`, item] as const);
  const [title] = itemsOf(value);
  const label = typeof title === 'string' ? `.${title.slice(0, 60)}` : '';
  for (const [key, part] of inner.slice(0, 10_000)) {
    const place =
      label === '' ? `${name}${key.startsWith('[') ? key : `.${key}`}` : `${name}${label}`;
    found.push(...objectsIn(place, part, room, levels - 1));
  }
  return found;
}

/** Runs of the same class in a list, such as a forest's trees, are told by their first. */
function group(
  objects: readonly (readonly [string, PyObject])[],
  room: Room,
  depth: number,
): ModelTree[] {
  const shown: ModelTree[] = [];
  for (let i = 0; i < objects.length && room.left > 0;) {
    const [name, object] = objects[i] ?? [];
    if (name === undefined || object === undefined) break;
    let next = i + 1;
    const isListed = (at: string | undefined): boolean => at?.endsWith(']') === true;
    while (
      isListed(name) &&
      isListed(objects[next]?.[0]) &&
      objects[next]?.[1].cls.qualifiedName === object.cls.qualifiedName
    )
      next += 1;
    const alike = next - i - 1;
    shown.push({ ...describe(name, object, room, depth), ...(alike > 0 ? { alike } : {}) });
    i = next;
  }
  return shown;
}
