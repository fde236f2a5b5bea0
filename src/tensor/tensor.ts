/** Element types that cross the boundary of a model, and the arrays that hold them. */
export interface TensorData {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
  string: readonly string[];
}
export type DType = keyof TensorData;

/** A dense array: `data` in row-major order, as long as the product of `dims`. */
export interface Tensor<T extends DType = DType> {
  readonly dtype: T;
  readonly dims: readonly number[];
  readonly data: TensorData[T];
}

/** Elements of a tensor of these dimensions; 1 for a scalar (no dimensions). */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** @throws RangeError when `data` is not as long as `dims` say: a defect of the caller. */
export function float32Tensor(data: Float32Array, dims: readonly number[]): Tensor<'float32'> {
  if (data.length !== elementCount(dims)) {
    throw new RangeError(`${data.length} elements do not fill a tensor of [${dims.join(', ')}].`);
  }
  return { dtype: 'float32', dims, data };
}
