import type { PyDtype } from './records/dtype.ts';
import type { NdArray } from './records/ndarray.ts';
import type { NumpyScalar } from './records/numpy-scalar.ts';
import type { PyDict } from './records/py-dict.ts';
import type { PyObject } from './records/py-object.ts';
import type {
  PyBytes,
  PyComplex,
  PyFloat,
  PyGlobal,
  PyList,
  PySet,
  PyTuple,
} from './records/values.ts';

/**
 * What a model file holds, as inert values: nothing here can run, and nothing was called to make them.
 * The same record may be reached on several ways (pickle's memo); it is then the same object, and
 * lists, dicts, sets and objects may contain themselves.
 *
 * Python     | here
 * -----------|-------------------------------------------------------------
 * None       | null
 * bool, str  | boolean, string
 * int        | number when safe, else bigint
 * float      | PyFloat (so that 1 and 1.0 stay apart)
 * the others | a class of this folder, told apart by `kind`
 */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | PyComplex
  | PyBytes
  | PyList
  | PyTuple
  | PyDict
  | PySet
  | PyGlobal
  | PyObject
  | PyDtype
  | NumpyScalar
  | NdArray;

export { PyDtype, dtypeText } from './records/dtype.ts';
export type { Dtype } from './records/dtype.ts';
export { NdArray } from './records/ndarray.ts';
export { NumpyScalar } from './records/numpy-scalar.ts';
export { PyDict } from './records/py-dict.ts';
export { PyObject } from './records/py-object.ts';
export { PyBytes, PyComplex, PyFloat, PyGlobal, PyList, PySet, PyTuple } from './records/values.ts';
export {
  asBoolean,
  asInteger,
  asItems,
  asNumber,
  asString,
  attribute,
  typeName,
  unwrap,
} from './records/access.ts';
