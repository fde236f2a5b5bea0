import { FoveaError } from '../errors.ts';
import { elementCount } from '../tensor/tensor.ts';

/** Raw float32 outputs of a model, by name. */
export type OutputTensors = Readonly<
  Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>
>;

/**
 * An output whose shape is known; -1 in `expected` is any size.
 * @throws FoveaError MODEL_INVALID when it is missing or of another shape
 */
export function outputTensor(
  outputs: OutputTensors,
  name: string,
  expected: readonly number[],
): OutputTensors[string] {
  const tensor = outputs[name];
  const fits =
    tensor?.dims.length === expected.length &&
    expected.every((dim, axis) => dim === -1 || dim === tensor.dims[axis]) &&
    tensor.data.length === elementCount(tensor.dims);
  if (tensor === undefined || !fits) {
    throw misfit(outputs, name, shapeText(expected).replaceAll('-1', 'n'));
  }
  return tensor;
}

/**
 * An output of `values` numbers per picture of the batch, which is its first dimension, one array per
 * picture. Further dimensions may be split or 1, as long as they hold that many.
 * @throws FoveaError MODEL_INVALID when it is missing, of another size, or holds what is no finite number
 */
export function outputRows(outputs: OutputTensors, name: string, values: number): Float32Array[] {
  const tensor = outputs[name];
  const [pictures] = tensor?.dims ?? [];
  if (tensor === undefined || pictures === undefined || tensor.data.length !== pictures * values) {
    throw misfit(outputs, name, `[n, ${values}]`);
  }
  if (!tensor.data.every(Number.isFinite)) {
    throw new FoveaError(
      'MODEL_INVALID',
      `Output ${name} of the model holds values that are no finite numbers.`,
      { output: name },
    );
  }
  return Array.from({ length: pictures }, (_, picture) =>
    tensor.data.subarray(picture * values, (picture + 1) * values),
  );
}

/**
 * An output of `rows` rows of `values` numbers for one picture; a leading dimension of 1 may be there or not. May
 * hold what is no finite number.
 * @throws FoveaError MODEL_INVALID when it is missing or of another shape
 */
export function outputOfRows(
  outputs: OutputTensors,
  name: string,
  rows: number,
  values: number,
): Float32Array {
  const tensor = outputs[name];
  const dims =
    tensor?.dims.length === 3 && tensor.dims[0] === 1 ? tensor.dims.slice(1) : tensor?.dims;
  if (tensor && dims?.length === 2 && dims[0] === rows && dims[1] === values) return tensor.data;
  throw misfit(outputs, name, shapeText([rows, values]));
}

/** That an output is not as the manifest has it. */
export function misfit(outputs: OutputTensors, name: string, expected: string): FoveaError {
  const tensor = outputs[name];
  const found = tensor === undefined ? 'missing' : shapeText(tensor.dims);
  return new FoveaError(
    'MODEL_INVALID',
    `Output ${name} of the model is ${found}; the manifest needs ${expected}.`,
    { output: name, found, expected },
  );
}

function shapeText(dims: readonly number[]): string {
  return `[${dims.join(', ')}]`;
}
