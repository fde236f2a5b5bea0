import {
  PyBytes,
  PyComplex,
  PyDict,
  PyGlobal,
  PyList,
  PyObject,
  PySet,
  PyTuple,
  asNumber,
  unwrap,
} from '../../../records.ts';
import type { PyValue } from '../../../records.ts';
import { forbiddenCall } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { latin1Bytes } from '../python-text.ts';
import { plainItems } from './call.ts';
import type { Call } from './call.ts';

const set: Call = ([items], machine) =>
  new PySet([...counted(plainItems(items, 'a set'), machine)]);

/** Containers and bytes, which protocols below 3 write as calls. */
export const builtinCalls: readonly (readonly [string, string, Call])[] = [
  ['builtins', 'bytes', (args) => bytesOf(args)],
  ['builtins', 'bytearray', (args) => bytesOf(args)],
  ['builtins', 'set', set],
  ['builtins', 'frozenset', set],
  [
    'builtins',
    'list',
    ([items], machine) => new PyList([...counted(plainItems(items, 'a list'), machine)]),
  ],
  [
    'builtins',
    'tuple',
    ([items], machine) => new PyTuple([...counted(plainItems(items, 'a tuple'), machine)]),
  ],
  ['builtins', 'dict', ([items], machine) => dictOf(items, machine)],
  ['builtins', 'slice', (args) => new PyObject(new PyGlobal('builtins', 'slice'), args)],
  [
    'builtins',
    'complex',
    ([re = 0, im = 0]) => new PyComplex(asNumber(re, 'complex'), asNumber(im, 'complex')),
  ],
  ['_codecs', 'encode', (args) => bytesOf(args)],
  ['collections', 'OrderedDict', ([items], machine) => dictOf(items, machine)],
  ['collections', 'Counter', ([items], machine) => dictOf(items, machine)],
  ['collections', 'defaultdict', ([, items], machine) => dictOf(items, machine)],
  [
    'collections',
    'deque',
    ([items], machine) => new PyList([...counted(plainItems(items, 'a deque'), machine)]),
  ],
];

/** `bytes()`, `bytes(b)`, `bytes([1, 2])`, and `encode(text, 'latin1')`, how protocol 2 writes bytes. */
function bytesOf([value, encoding]: readonly PyValue[]): PyBytes {
  if (value === undefined) return new PyBytes(new Uint8Array());
  if (value instanceof PyBytes) return value;
  if (typeof value === 'string') {
    if (encoding !== 'latin1' && encoding !== 'latin-1')
      throw forbiddenCall('a text is encoded otherwise than in latin1');
    const bytes = latin1Bytes(value);
    if (bytes) return new PyBytes(bytes);
    throw forbiddenCall('a text is encoded in latin1 that does not fit it');
  }
  const items = plainItems(value, 'bytes').map(unwrap);
  if (!items.every((item) => typeof item === 'number' && item >= 0 && item < 256))
    throw forbiddenCall('bytes are made of other things than bytes');
  return new PyBytes(Uint8Array.from(items, Number));
}

function dictOf(items: PyValue | undefined, machine: Machine): PyDict {
  const dict = new PyDict();
  if (items === undefined || items === null) return dict;
  if (items instanceof PyDict) {
    machine.budget.addItems(items.size);
    for (const [key, value] of items.entries()) dict.set(key, value);
    return dict;
  }
  for (const pair of counted(plainItems(items, 'a dict'), machine)) {
    const [key, value] = plainItems(pair, 'a dict');
    if (key === undefined || value === undefined)
      throw forbiddenCall('a dict is made of something that is no pair');
    dict.set(key, value);
  }
  return dict;
}

/** A copy costs as much as what it copies. */
function counted(items: readonly PyValue[], machine: Machine): readonly PyValue[] {
  machine.budget.addItems(items.length);
  return items;
}
