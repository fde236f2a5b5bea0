import type { PyValue } from '../records.ts';
import type { Dtype } from './dtype.ts';

/** A numpy scalar, such as `numpy.int64(3)`: its value as the plain Python type, and its dtype. */
export class NumpyScalar {
  readonly kind = 'scalar';
  readonly dtype: Dtype;
  readonly value: PyValue;

  constructor(dtype: Dtype, value: PyValue) {
    this.dtype = dtype;
    this.value = value;
  }
}
