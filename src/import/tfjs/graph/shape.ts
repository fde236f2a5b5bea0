import { TfjsImportError } from '../tfjs-import-error.ts';

/** Dimensions in TensorFlow's order; -1 is one that is known only at the run. */
export type Shape = readonly number[];

/** Number of elements, or -1 when a dimension is unknown. */
export function elementCount(shape: Shape): number {
  return shape.includes(-1) ? -1 : shape.reduce((product, dim) => product * dim, 1);
}

export function isStatic(shape: Shape): boolean {
  return !shape.includes(-1);
}

/** NumPy broadcasting; an unknown dimension against one that is larger than 1 becomes that one. */
export function broadcast(a: Shape, b: Shape, node: string): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    if (x === -1) return y;
    if (y === -1) return x;
    throw shapeError(node, `shapes [${a.join()}] and [${b.join()}] do not broadcast`);
  });
}

/** `axis` counted from the front. */
export function normalAxis(axis: number, rank: number, node: string): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(normal) && normal >= 0 && normal < rank) return normal;
  throw shapeError(node, `axis ${axis} is outside of a tensor of rank ${rank}`);
}

/** Steps between neighbours along each axis of a row-major tensor. */
export function strides(shape: Shape): number[] {
  const result = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i -= 1) {
    result[i] = (result[i + 1] ?? 1) * (shape[i + 1] ?? 1);
  }
  return result;
}

export function shapeError(node: string, problem: string): TfjsImportError {
  return new TfjsImportError('TFJS_SHAPE_INVALID', `Node ${node}: ${problem.slice(0, 400)}.`, {
    node,
  });
}
