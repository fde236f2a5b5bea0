import type { Shape } from './shape.ts';

/** The types that TensorFlow.js computes in: every integer is an int32, every float a float32. */
export type Dtype = 'float32' | 'int32' | 'bool';

/** A tensor whose elements are known, row-major. A bool is 0 or 1. */
export interface Constant {
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Elements on their way into a constant; NaN in an int32 stands for "not known before the run". */
export interface Elements {
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** Rounds to the type's precision, as storing into a tensor does. */
export function toConstant({ dtype, shape, data }: Elements): Constant {
  if (dtype === 'float32') {
    return { dtype, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
  }
  if (dtype === 'int32') {
    return { dtype, shape, data: data instanceof Int32Array ? data : Int32Array.from(data) };
  }
  return { dtype, shape, data: data instanceof Uint8Array ? data : Uint8Array.from(data, Number) };
}

export function scalar(dtype: Dtype, value: number): Constant {
  return toConstant({ dtype, shape: [], data: [value] });
}
