import {
  NdArray,
  NumpyScalar,
  PyBytes,
  PyDtype,
  PyGlobal,
  PyTuple,
  asInteger,
} from '../../../records.ts';
import type { PyValue } from '../../../records.ts';
import { invalid, parseDtype, unsupported } from '../../../records/dtype.ts';
import { readElement } from '../../../records/element.ts';
import { forbiddenCall } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { latin1Bytes } from '../python-text.ts';
import type { Call } from './call.ts';

/** How arrays, dtypes and scalars come back (`numpy/core/src/multiarray/methods.c`, `numeric.py`). */
export const numpyCalls: readonly (readonly [string, string, Call])[] = [
  ['numpy', 'dtype', ([type]) => new PyDtype(parseDtype(dtypeName(type)))],
  ['numpy.core.multiarray', '_reconstruct', (_, machine) => emptyArray(machine)],
  ['numpy.core.multiarray', 'scalar', scalar],
  ['numpy.core.numeric', '_frombuffer', fromBuffer],
  ['numpy.core', '_ufunc_reconstruct', ufunc],
];

const scalarTypes: Readonly<Record<string, string>> = {
  bool_: '?',
  bool: '?',
  int8: 'i1',
  int16: 'i2',
  int32: 'i4',
  int64: 'i8',
  intp: 'i8',
  longlong: 'i8',
  uint8: 'u1',
  uint16: 'u2',
  uint32: 'u4',
  uint64: 'u8',
  uintp: 'u8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
  complex64: 'c8',
  complex128: 'c16',
  str_: 'U0',
  bytes_: 'S0',
  object_: 'O8',
  datetime64: 'M8',
  timedelta64: 'm8',
};

function dtypeName(type: PyValue | undefined): string {
  if (typeof type === 'string') return type;
  if (type instanceof PyBytes) return String.fromCharCode(...type.data.subarray(0, 64));
  const name = type instanceof PyGlobal && type.module === 'numpy' ? type.name : undefined;
  if (name === 'longdouble')
    throw unsupported(
      'long double differs from machine to machine; cast to float64 and save again',
    );
  if (name !== undefined && Object.hasOwn(scalarTypes, name)) return scalarTypes[name] ?? '';
  throw invalid('a dtype is made of something that is no dtype');
}

/** An array that BUILD fills. Its first argument, a subclass such as `matrix`, is of no account to its numbers. */
function emptyArray(machine: Machine): NdArray {
  machine.budget.addContainer();
  return new NdArray();
}

function scalar([dtype, data]: readonly PyValue[]): PyValue {
  if (!(dtype instanceof PyDtype) || data === undefined)
    throw invalid('a numpy scalar without dtype or value');
  const { spec } = dtype;
  if (spec.code === 'O') return data;
  const bytes = rawBytes(data);
  if (!bytes || bytes.length !== spec.itemsize)
    throw invalid('a numpy scalar whose bytes do not fit its dtype');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new NumpyScalar(spec, readElement(view, 0, spec));
}

function fromBuffer([buffer, dtype, shape, order]: readonly PyValue[], machine: Machine): NdArray {
  const bytes = buffer === undefined ? undefined : rawBytes(buffer);
  if (!bytes || !(dtype instanceof PyDtype)) throw invalid('an array without bytes or dtype');
  machine.budget.addContainer();
  machine.budget.addArray(bytes.length);
  return new NdArray({
    dtype: dtype.spec,
    shape: shapeOf(shape),
    order: order === 'F' ? 'F' : 'C',
    bytes,
  });
}

/** A ufunc stays a name, and must be on the list like any other. */
function ufunc([module, name]: readonly PyValue[], machine: Machine): PyGlobal {
  if (typeof module !== 'string' || typeof name !== 'string')
    throw forbiddenCall('a ufunc without a name');
  return machine.global(module, name, machine.cursor.at);
}

/** Bytes, or the text of code points below 256 that Python 2 wrote for them. */
export function rawBytes(value: PyValue): Uint8Array | undefined {
  if (value instanceof PyBytes) return value.data;
  return typeof value === 'string' ? latin1Bytes(value) : undefined;
}

export function shapeOf(value: PyValue | undefined): number[] {
  if (value instanceof PyTuple && value.items.length <= 64)
    return value.items.map((n) => asInteger(n, 'the shape of an array'));
  if (typeof value === 'number') return [value];
  throw invalid('an array without a shape');
}
