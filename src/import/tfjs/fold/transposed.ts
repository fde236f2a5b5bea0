import type { Constant, Elements } from '../graph/constant.ts';
import { elementCount, strides } from '../graph/shape.ts';

/** The constant with its axes in another order: output axis i is input axis `perm[i]`. */
export function transposed(constant: Constant, perm: readonly number[]): Constant {
  const out = permuted(constant, perm);
  return { dtype: constant.dtype, shape: out.shape, data: out.data as Constant['data'] };
}

/** As `transposed`, for elements that may be partly unknown; keeps the kind of array. */
export function permuted({ dtype, shape, data }: Elements, perm: readonly number[]): Elements {
  const outShape = perm.map((axis) => shape[axis] ?? 1);
  const steps = strides(shape);
  const outSteps = perm.map((axis) => steps[axis] ?? 1);
  const out = sameKind(data, elementCount(shape));
  const index = outShape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to += 1) {
    out[to] = data[from] ?? 0;
    for (let axis = index.length - 1; axis >= 0; axis -= 1) {
      const next = (index[axis] ?? 0) + 1;
      from += outSteps[axis] ?? 0;
      if (next < (outShape[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      from -= next * (outSteps[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return { dtype, shape: outShape, data: out };
}

function sameKind(data: ArrayLike<number>, length: number) {
  if (data instanceof Float32Array) return new Float32Array(length);
  if (data instanceof Int32Array) return new Int32Array(length);
  if (data instanceof Uint8Array) return new Uint8Array(length);
  return new Float64Array(length);
}
