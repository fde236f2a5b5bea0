import { PyDtype, PyList, PyTuple } from '../../records.ts';
import type { NdArray, PyValue } from '../../records.ts';
import { holdsObjects, invalid, unsupported } from '../../records/dtype.ts';
import { rawBytes, shapeOf } from './calls/numpy.ts';
import type { Machine } from './machine.ts';

/** `ndarray.__setstate__`: (version, shape, dtype, is Fortran, bytes or list); very old files lack the version. */
export function fillArray(array: NdArray, state: PyValue, machine: Machine): void {
  if (!(state instanceof PyTuple) || state.items.length < 4 || state.items.length > 5)
    throw invalid('an array with an unknown state');
  const [shape, dtype, fortran, data] = state.items.slice(-4);
  if (!(dtype instanceof PyDtype) || data === undefined)
    throw invalid('an array without dtype or data');
  const { spec } = dtype;
  const content = {
    dtype: spec,
    shape: shapeOf(shape),
    order: fortran === true || fortran === 1 ? 'F' : 'C',
  } as const;
  if (holdsObjects(spec)) {
    if (spec.code !== 'O' || spec.subarray)
      throw unsupported('objects inside of a structured array are not read');
    if (!(data instanceof PyList)) throw invalid('an object array without a list');
    machine.budget.addItems(data.items.length);
    // A copy: the list could still grow. It is in C order whatever the flag says (`_getlist_pkl` of numpy).
    array.become({ ...content, order: 'C', bytes: new Uint8Array(), objects: [...data.items] });
    return;
  }
  const bytes = rawBytes(data);
  if (!bytes) throw invalid('an array without bytes');
  machine.budget.addArray(bytes.length);
  array.become({ ...content, bytes });
}
