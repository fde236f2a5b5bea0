import type { Attributes } from '../graph/attributes.ts';
import type { Elements } from '../graph/constant.ts';
import { elementCount } from '../graph/shape.ts';
import type { Shape } from '../graph/shape.ts';
import type { TfjsLimits } from '../limits.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';

/** One node whose inputs are known, in float64; the caller rounds the result to its type. */
export interface FoldCall {
  readonly name: string;
  readonly op: string;
  readonly attrs: Attributes;
  readonly inputs: readonly Elements[];
  readonly limits: TfjsLimits;
}

export type Folder = (call: FoldCall) => readonly Elements[];

/** Thrown where an element that decides the result's form is not known; the node is then emitted. */
export class NotKnown extends Error {}

export function operand(call: FoldCall, index: number): Elements {
  const found = call.inputs[index];
  if (found) return found;
  throw new TfjsImportError(
    'TFJS_GRAPH_INVALID',
    `Node ${call.name} (${call.op}): input ${index} is missing.`,
    { node: call.name },
  );
}

/** Input `index` as integers, all of them known. */
export function ints(call: FoldCall, index: number): number[] {
  const values = Array.from(operand(call, index).data);
  if (values.some(Number.isNaN)) throw new NotKnown();
  return values;
}

export function int(call: FoldCall, index: number): number {
  return ints(call, index)[0] ?? 0;
}

/** Room for a result, within the limits. */
export function room(call: FoldCall, shape: Shape): Float64Array {
  const count = elementCount(shape);
  const valid =
    shape.every((dim) => Number.isInteger(dim) && dim >= 0) && shape.length <= call.limits.rank;
  if (valid && count <= call.limits.foldedElements) return new Float64Array(count);
  throw new TfjsImportError(
    'TFJS_SHAPE_INVALID',
    `Node ${call.name} (${call.op}) would fold to [${shape.slice(0, 16).join()}]; at most ${call.limits.foldedElements} elements.`,
    { node: call.name },
  );
}
