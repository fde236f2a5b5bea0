import type { PyObject, PyValue } from '../../../../src/import/sklearn/records.ts';

/** A record as the JSON that `told` of `generate_reader.py` makes of the same Python value. */
export function told(value: PyValue): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) };
  switch (value.kind) {
    case 'float':
      return { float: value.value };
    case 'complex':
      return { complex: [value.real, value.imaginary] };
    case 'bytes':
      return { bytes: [...value.data] };
    case 'list':
    case 'tuple':
    case 'set':
      return { [value.kind]: value.items.map(told) };
    case 'dict':
      return { dict: Array.from(value.entries(), ([key, item]) => [told(key), told(item)]) };
    case 'array':
      return {
        array: [value.dtype.code === 'b' ? 'b' : value.dtype.code, [...value.shape]],
        items: value.values().map(told),
      };
    case 'scalar':
      return { scalar: told(value.value) };
    case 'object':
      return value.name === 'slice' ? { slice: value.args.map(told) } : toldObject(value);
    case 'global':
      return { global: value.qualifiedName };
    case 'dtype':
      return { dtype: value.spec.code };
  }
}

function toldObject(object: PyObject): unknown {
  return {
    object: object.name,
    args: object.args.map(told),
    attributes: Array.from(object.attributes, ([name, value]) => [name, told(value)]),
    items: object.dictItems ? told(object.dictItems) : null,
  };
}

/** Python's JSON with its floats, which are texts, as numbers. */
export function numbered(expected: unknown): unknown {
  if (Array.isArray(expected)) return expected.map(numbered);
  if (expected === null || typeof expected !== 'object') return expected;
  return Object.fromEntries(
    Object.entries(expected).map(([key, value]) => {
      if (key === 'float') return [key, pythonFloat(value)];
      if (key === 'complex' && Array.isArray(value)) return [key, value.map(pythonFloat)];
      return [key, numbered(value)];
    }),
  );
}

function pythonFloat(text: unknown): number {
  const words: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
  return words[String(text)] ?? Number(text);
}
