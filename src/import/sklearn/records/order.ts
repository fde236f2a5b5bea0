/**
 * Elements that are stored in `order`, rearranged so that the last index runs fastest. Elements that already do are
 * given back as they are. A field that is itself an array counts as one element.
 */
export function inOrderC<T extends { readonly length: number; [index: number]: unknown }>(
  stored: T,
  shape: readonly number[],
  order: 'C' | 'F',
  make: (length: number) => T,
): T;
export function inOrderC<E>(
  stored: readonly E[],
  shape: readonly number[],
  order: 'C' | 'F',
  make: (length: number) => E[],
): readonly E[];
export function inOrderC<E>(
  stored: { readonly length: number; readonly [index: number]: E },
  shape: readonly number[],
  order: 'C' | 'F',
  make: (length: number) => { [index: number]: E },
): { readonly [index: number]: E } {
  if (order === 'C' || shape.length < 2) return stored;
  const target = make(stored.length);
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, n) => product * n, 1),
  );
  const index = shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < stored.length; i += 1) {
    target[at] = stored[i] as E;
    at = advance(index, shape, strides, at);
  }
  return target;
}

/** Steps to the next index, the first running fastest, and says where it lies in C order. */
function advance(
  index: number[],
  shape: readonly number[],
  strides: readonly number[],
  at: number,
): number {
  let next = at;
  for (let axis = 0; axis < shape.length; axis += 1) {
    const stride = strides[axis] ?? 0;
    const value = (index[axis] ?? 0) + 1;
    if (value < (shape[axis] ?? 0)) {
      index[axis] = value;
      return next + stride;
    }
    index[axis] = 0;
    next -= (value - 1) * stride;
  }
  return next;
}
