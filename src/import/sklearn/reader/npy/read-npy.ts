import { NdArray } from '../../records.ts';
import type { Dtype } from '../../records.ts';
import { dtypeDepth, holdsObjects, invalid, parseDtype, unsupported } from '../../records/dtype.ts';
import { latin1 } from '../pickle/python-text.ts';
import { parseLiteral } from './literal.ts';
import type { Literal } from './literal.ts';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxHeader = 1 << 20;

export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/**
 * A `.npy` file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3. Object arrays,
 * which would be a pickle, are refused.
 * @throws ARRAY_INVALID, ARRAY_UNSUPPORTED
 */
export function readNpy(bytes: Uint8Array): NdArray {
  if (!isNpy(bytes) || bytes.length < 12) throw invalid('the .npy file is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw unsupported(`.npy version ${version} is not read`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const from = version === 1 ? 10 : 12;
  if (length > maxHeader || from + length > bytes.length)
    throw invalid('the .npy header is longer than its file');
  const header = parseLiteral(latin1(bytes.subarray(from, from + length)));
  if (!(header instanceof Map)) throw invalid('a .npy header that is no dict');
  const dtype = dtypeOf(header.get('descr') ?? null, 0);
  if (holdsObjects(dtype)) throw unsupported('a .npy file with Python objects is refused');
  const shape = header.get('shape');
  if (!Array.isArray(shape) || !shape.every((n) => typeof n === 'number'))
    throw invalid('a .npy header without shape');
  const order = header.get('fortran_order') === true ? 'F' : 'C';
  return new NdArray({
    dtype,
    shape: shape.map(Number),
    order,
    bytes: bytes.subarray(from + length),
  });
}

/** `'<f8'`, or `[('left_child', '<i8'), ('', '|V7'), …]` with the padding as nameless fields. */
function dtypeOf(descr: Literal, depth: number): Dtype {
  if (typeof descr === 'string') return parseDtype(descr);
  if (!Array.isArray(descr) || descr.length > 512 || depth > 8)
    throw invalid('a .npy dtype that cannot be read');
  const fields = new Map<string, { dtype: Dtype; offset: number }>();
  let offset = 0;
  for (const field of descr as readonly Literal[]) {
    const [title, type = null, shape] = Array.isArray(field) ? (field as readonly Literal[]) : [];
    const name: Literal | undefined = Array.isArray(title) ? title[1] : title;
    if (typeof name !== 'string') throw invalid('a .npy field without a name');
    const base = dtypeOf(type, depth + 1);
    const dtype = shape === undefined ? base : subarrayOf(base, shape);
    if (name !== '') fields.set(name, { dtype, offset });
    offset += dtype.itemsize;
  }
  const made: Dtype = { code: 'V', itemsize: offset, littleEndian: true, fields };
  if (offset > 1 << 20) throw invalid(`a .npy dtype of ${offset} bytes`);
  dtypeDepth(made);
  return made;
}

function subarrayOf(base: Dtype, shape: Literal): Dtype {
  const extents = Array.isArray(shape)
    ? (shape as readonly Literal[]).map(Number)
    : [Number(shape)];
  if (!extents.every((n) => Number.isSafeInteger(n) && n > 0 && n < 1 << 20))
    throw invalid('a .npy field of an impossible shape');
  const count = extents.reduce((product, n) => product * n, 1);
  return {
    code: 'V',
    itemsize: base.itemsize * count,
    littleEndian: true,
    subarray: { base, shape: extents },
  };
}
