import { NdArray, PyDtype, PyObject } from '../../records.ts';
import type { PyValue } from '../../records.ts';
import { holdsObjects, invalid } from '../../records/dtype.ts';
import { shapeOf } from './calls/numpy.ts';
import { overLimit } from './errors.ts';
import type { Machine } from './machine.ts';

/** Deepest nesting of pickles; joblib nests one, for the elements of an object array. */
const maxNesting = 4;

export function isArrayWrapper(object: PyValue): object is PyObject {
  return (
    object instanceof PyObject &&
    object.name === 'NumpyArrayWrapper' &&
    object.module === 'joblib.numpy_pickle'
  );
}

/**
 * joblib keeps an array's bytes outside of the pickle's opcodes, right after the BUILD of a wrapper that tells shape,
 * order and dtype (`joblib/numpy_pickle.py`, `NumpyArrayWrapper.write_array`). Since joblib 1.2 a byte with the length
 * of a padding comes first. An object array follows as a whole pickle, read under the same limits and list.
 */
export function readWrappedArray(
  wrapper: PyObject,
  machine: Machine,
  nested: () => PyValue,
): NdArray {
  const { cursor, budget } = machine;
  const dtype = wrapper.attributes.get('dtype');
  if (!(dtype instanceof PyDtype)) throw invalid('a joblib array without dtype');
  budget.addContainer();
  if (holdsObjects(dtype.spec)) {
    if (machine.nesting >= maxNesting)
      throw overLimit('nestedPickles', maxNesting, 'a pickle in a pickle in a pickle');
    budget.addNested();
    const array = nested();
    if (array instanceof NdArray) return array;
    throw invalid('a joblib object array that is something else');
  }
  const shape = shapeOf(wrapper.attributes.get('shape'));
  const bytes = shape.reduce((product, n) => product * n, dtype.spec.itemsize);
  budget.addArray(bytes);
  const alignment = wrapper.attributes.get('numpy_array_alignment_bytes') ?? null;
  if (alignment !== null) cursor.skip(cursor.u8());
  const order = wrapper.attributes.get('order') === 'F' ? 'F' : 'C';
  return new NdArray({ dtype: dtype.spec, shape, order, bytes: cursor.take(bytes) });
}
