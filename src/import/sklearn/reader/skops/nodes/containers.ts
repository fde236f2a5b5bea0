import { PyBytes, PyDict, PyFloat, PyList, PyObject, PySet, PyTuple } from '../../../records.ts';
import type { PyValue } from '../../../records.ts';
import { corruptSchema, parseJson } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { NodeReader } from '../node-reader.ts';
import { childList, childObject, text } from './node-kind.ts';
import type { NodeKind } from './node-kind.ts';

const bytes: NodeKind = (node, reader) => new PyBytes(reader.archive.read(text(node, 'file')));

/** Plain Python values. */
export const containerNodes: Readonly<Record<string, NodeKind>> = {
  JsonNode: (node, reader) => plainValue(parseJson(text(node, 'content'), reader.budget)),
  ListNode: (node, reader) => new PyList([...items(node, reader)]),
  TupleNode: (node, reader) => new PyTuple(items(node, reader)),
  SetNode: (node, reader) => new PySet([...items(node, reader)]),
  DictNode: dict,
  DefaultDictNode: (node, reader) => reader.read(childObject(node, 'content').get('main')),
  _DictWithDeprecatedKeysNode: (node, reader) =>
    reader.read(childObject(node, 'content').get('main')),
  BytesNode: bytes,
  BytearrayNode: bytes,
  SliceNode: (node, reader) => {
    const content = childObject(node, 'content');
    const ends = ['start', 'stop', 'step'].map((key) => plainValue(content.get(key) ?? null));
    return new PyObject(reader.named('builtins', 'slice'), ends);
  },
};

function items(node: JsonObject, reader: NodeReader): PyValue[] {
  return childList(node, 'content').map((item) => reader.read(item));
}

/** Keys are texts in JSON; `key_types` says what they were. */
function dict(node: JsonObject, reader: NodeReader): PyValue {
  const types = reader.read(node.get('key_types'));
  const content = childObject(node, 'content');
  if (!(types instanceof PyList) || types.items.length !== content.size)
    throw corruptSchema('a dict without the types of its keys');
  const isBunch = node.get('__class__') === 'Bunch';
  const made = isBunch ? new PyObject(reader.global(node)) : new PyDict();
  let at = 0;
  for (const [name, value] of content) {
    const key = typedKey(name, types.items[at] ?? null);
    at += 1;
    if (made instanceof PyDict) made.set(key, reader.read(value));
    else made.setItem(key, reader.read(value));
  }
  return made;
}

function typedKey(name: string, type: PyValue): PyValue {
  const kind = type !== null && typeof type === 'object' && type.kind === 'global' ? type.name : '';
  if (kind === 'str' || kind === 'str_') return name;
  if (kind === 'bool' || kind === 'bool_') return name === 'true' || name === 'True';
  if (kind === 'NoneType') return null;
  const number = Number(name);
  if (Number.isNaN(number) && name.toLowerCase() !== 'nan')
    throw corruptSchema(`the key ${JSON.stringify(name.slice(0, 40))} is no ${kind}`);
  return kind.startsWith('float') ? new PyFloat(number) : number;
}

function plainValue(json: Json): PyValue {
  if (json === null || typeof json !== 'object' || json instanceof PyFloat) return json;
  throw corruptSchema('a plain value that is a list or an object');
}
