import { knownInts } from '../emit/emitter.ts';
import type { Emitter } from '../emit/emitter.ts';
import type { Value } from '../emit/value.ts';
import type { Attributes } from '../graph/attributes.ts';
import { shapeError } from '../graph/shape.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';

/** One TensorFlow node, about to be translated. */
export interface OpCall {
  readonly name: string;
  readonly op: string;
  readonly attrs: Attributes;
  readonly inputs: readonly Value[];
  readonly e: Emitter;
}

/** Translates one node and gives its outputs, in TensorFlow's order. */
export type OpHandler = (call: OpCall) => Value | readonly Value[];

/** Input `index`, which must be there. */
export function input(call: OpCall, index: number): Value {
  const value = call.inputs[index];
  if (value && !value.list) return value;
  const problem = value ? 'is a list of tensors' : `is missing; there are ${call.inputs.length}`;
  throw new TfjsImportError(
    'TFJS_GRAPH_INVALID',
    `Node ${call.name} (${call.op}): input ${index} ${problem}.`,
    { node: call.name },
  );
}

/** Input `index` as integers, which must be known at import. */
export function intsOf(call: OpCall, index: number): number[] {
  const ints = knownInts(input(call, index));
  if (ints) return ints;
  throw unsupported(call, `input ${index} must be constant`);
}

export function intOf(call: OpCall, index: number): number {
  const [only, ...more] = intsOf(call, index);
  if (only !== undefined && more.length === 0) return only;
  throw shapeError(call.name, `input ${index} must be a single number`);
}

/** Input `index` as a single number, known at import. */
export function numberOf(call: OpCall, index: number): number {
  const { constant } = input(call, index);
  const only = constant?.data[0];
  if (only !== undefined && constant?.data.length === 1) return only;
  throw unsupported(call, `input ${index} must be one constant number`);
}

/** A 1-D integer input as an int64 name for ONNX, known or not. */
export function int64Name(call: OpCall, value: Value): string {
  const known = knownInts(value);
  return known ? call.e.ints(known) : call.e.castName(call.e.plain(value), 'int64');
}

/** The entries of a shape-like input; NaN where one is known only at the run. Undefined: not even their number. */
export function partialInts(value: Value): readonly number[] | undefined {
  const known = knownInts(value) ?? value.dims;
  if (known) return known;
  const [length] = value.shape;
  if (value.shape.length !== 1 || length === undefined || length < 0 || length > 64)
    return undefined;
  return Array.from({ length }, () => Number.NaN);
}

export function requireRank(call: OpCall, value: Value, ...ranks: readonly number[]): void {
  if (ranks.includes(value.shape.length)) return;
  throw shapeError(
    call.name,
    `${call.op} needs rank ${ranks.join(' or ')}, found [${value.shape.join()}]`,
  );
}

export function requireDtype(call: OpCall, value: Value, ...dtypes: readonly string[]): void {
  if (dtypes.includes(value.dtype)) return;
  throw new TfjsImportError(
    'TFJS_DTYPE_UNSUPPORTED',
    `Node ${call.name} (${call.op}) is applied to ${value.dtype}; required ${dtypes.join(' or ')}.`,
    { node: call.name },
  );
}

export function unsupported(call: OpCall, problem: string): TfjsImportError {
  return new TfjsImportError(
    'TFJS_ATTRIBUTE_UNSUPPORTED',
    `Node ${call.name} (${call.op}) cannot be reproduced in ONNX: ${problem}.`,
    { node: call.name, op: call.op },
  );
}
