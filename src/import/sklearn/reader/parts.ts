import type { PyObject, PyValue } from '../records.ts';

/** What a value holds; undefined for what holds nothing. */
export function partsOf(value: PyValue): readonly PyValue[] | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  switch (value.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return value.items;
    case 'dict':
      return [...value.keys(), ...value.values()];
    case 'array':
      return value.objects;
    case 'object':
      return [
        ...value.args,
        ...attributesOf(value),
        ...value.listItems,
        ...[value.state, value.kwargs, value.dictItems].filter((part) => part !== undefined),
      ];
    case 'scalar':
      return [value.value];
    case 'float':
    case 'complex':
    case 'bytes':
    case 'global':
    case 'dtype':
      return undefined;
  }
}

/** Leaves of `Birch` point at their neighbours, the only cycle in scikit-learn's estimators; prediction needs none of it. */
const neighbours = new Set(['prev_leaf_', 'next_leaf_']);

function attributesOf({ name, attributes }: PyObject): Iterable<PyValue> {
  if (name !== '_CFNode') return attributes.values();
  return [...attributes].filter(([key]) => !neighbours.has(key)).map(([, value]) => value);
}
