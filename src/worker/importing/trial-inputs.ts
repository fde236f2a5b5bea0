import { FoveaError } from '../../errors.ts';
import type { NamedTensors } from '../../engine/tabular-tasks.ts';
import type { DeclaredValue } from '../../import/onnx/declared-signature.ts';
import { elementCount, type DType, type Tensor } from '../../tensor/tensor.ts';

const mostElements = 16_000_000;
const words = ['', 'a', 'b', 'the', '1'];

export interface TrialShape {
  /** Rows of inputs whose first dimension is free. */
  readonly rows: number;
  /** The first of them, so that a row is the same alone and among others. */
  readonly firstRow: number;
  /** Size of every other free dimension. */
  readonly free: number;
}

/** Whether the first dimension of the input counts rows. */
export function hasFreeRows({ shape }: DeclaredValue): boolean {
  return shape.length > 0 && typeof shape[0] !== 'number';
}

/** Inputs to try a model with: all zeros, or values that differ by row and place. @throws FoveaError MODEL_INVALID. */
export function trialInputs(
  inputs: readonly DeclaredValue[],
  shape: TrialShape,
  kind: 'zeros' | 'varied',
): NamedTensors {
  return Object.fromEntries(inputs.map((input) => [input.name, trialTensor(input, shape, kind)]));
}

function trialTensor(input: DeclaredValue, { rows, firstRow, free }: TrialShape, kind: string) {
  const dims = input.shape.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    return axis === 0 ? rows : free;
  });
  const count = elementCount(dims);
  if (!Number.isSafeInteger(count) || count > mostElements) {
    throw new FoveaError(
      'MODEL_INVALID',
      `The input ${JSON.stringify(input.name.slice(0, 80))} has ${count} elements; at most ${mostElements} are served. Export the model with a smaller or free shape.`,
      { input: input.name },
    );
  }
  const perRow = count / (dims[0] ?? 1);
  const offset = hasFreeRows(input) ? firstRow * perRow : 0;
  const at = kind === 'zeros' ? () => 0 : (index: number) => noise(offset + index);
  return { dtype: input.dtype, dims, data: fill[input.dtype](count, at) } as Tensor;
}

const fill: {
  readonly [T in DType]: (count: number, at: (index: number) => number) => Tensor<T>['data'];
} = {
  float32: (count, at) => Float32Array.from({ length: count }, (_, i) => at(i)),
  float64: (count, at) => Float64Array.from({ length: count }, (_, i) => at(i)),
  int32: (count, at) => Int32Array.from({ length: count }, (_, i) => bit(at(i))),
  int64: (count, at) => BigInt64Array.from({ length: count }, (_, i) => BigInt(bit(at(i)))),
  uint8: (count, at) => Uint8Array.from({ length: count }, (_, i) => bit(at(i))),
  bool: (count, at) => Uint8Array.from({ length: count }, (_, i) => bit(at(i))),
  string: (count, at) =>
    Array.from({ length: count }, (_, i) => words[Math.floor(Math.abs(at(i)) * 99) % 5] ?? ''),
};

/** Integers are often indexes: 0 and 1 are inside of almost everything. */
function bit(value: number): number {
  return value > 0 ? 1 : 0;
}

/** A value in -3..3 that depends on `index` alone (a 32-bit mix, as in MurmurHash3's finaliser). */
function noise(index: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (((h ^ (h >>> 16)) >>> 0) / 2 ** 32) * 6 - 3;
}
