import {
  NdArray,
  NumpyScalar,
  PyDtype,
  PyList,
  PyObject,
  PyTuple,
  asInteger,
} from '../../../records.ts';
import type { PyValue } from '../../../records.ts';
import { parseDtype } from '../../../records/dtype.ts';
import { readNpy } from '../../npy/read-npy.ts';
import { corruptSchema } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { NodeReader } from '../node-reader.ts';
import { ZipArchive } from '../zip-archive.ts';
import { childList, childObject, text } from './node-kind.ts';
import type { NodeKind } from './node-kind.ts';

/** Arrays, numpy scalars, dtypes and sparse matrices. */
export const arrayNodes: Readonly<Record<string, NodeKind>> = {
  NdArrayNode: (node, reader) =>
    node.get('type') === 'json' ? objectArray(node, reader) : numbers(node, reader),
  MaskedArrayNode: (node, reader) => {
    const content = childObject(node, 'content');
    return new PyObject(
      reader.global(node),
      ['data', 'mask'].map((key) => reader.read(content.get(key))),
    );
  },
  DTypeNode: (node, reader) => {
    const array = reader.read(node.get('content'));
    if (array instanceof NdArray) return new PyDtype(array.dtype);
    throw corruptSchema('a dtype without its array');
  },
  SparseMatrixNode: sparseMatrix,
};

/** A `.npy` member; numpy scalars are arrays without dimensions. */
function numbers(node: JsonObject, reader: NodeReader): PyValue {
  const bytes = reader.archive.read(text(node, 'file'));
  reader.budget.addArray(bytes.length);
  const array = readNpy(bytes);
  const cls = reader.global(node);
  if (array.shape.length > 0 || ['ndarray', 'matrix', 'memmap'].includes(cls.name)) return array;
  return new NumpyScalar(array.dtype, array.values()[0] ?? null);
}

/** Nodes in lists in lists, as deep as the shape is long. */
function objectArray(node: JsonObject, reader: NodeReader): NdArray {
  const shapeNode = reader.read(node.get('shape'));
  if (!(shapeNode instanceof PyTuple)) throw corruptSchema('an array without shape');
  const shape = shapeNode.items.map((n) => asInteger(n, 'the shape of an array'));
  let level: PyValue[] = childList(node, 'content').map((item) => reader.read(item));
  for (let axis = 1; axis < shape.length && axis < 32; axis += 1) {
    level = level.flatMap((item) => {
      if (item instanceof PyList) return item.items;
      throw corruptSchema('an array whose lists do not fit its shape');
    });
    reader.budget.addItems(level.length);
  }
  const dtype = parseDtype('O');
  return new NdArray({ dtype, shape, order: 'C', bytes: new Uint8Array(), objects: level });
}

/** `scipy.sparse.save_npz`: an archive in the archive, with the attributes of the matrix as its members. */
function sparseMatrix(node: JsonObject, reader: NodeReader): PyObject {
  const inner = new ZipArchive(reader.archive.read(text(node, 'file')), reader.limits);
  const array = (name: string) => {
    const bytes = inner.read(`${name}.npy`);
    reader.budget.addArray(bytes.length);
    return readNpy(bytes);
  };
  const matrix = new PyObject(reader.global(node));
  for (const name of ['data', 'indices', 'indptr', 'row', 'col', 'offsets'])
    if (inner.has(`${name}.npy`)) matrix.attributes.set(name, array(name));
  matrix.attributes.set('_shape', new PyTuple(array('shape').values()));
  return matrix;
}
