import { seeded } from './random.ts';
import type { Flat } from './oracle.ts';

/** An input of the node under test: a placeholder, filled at the run, or a constant of the graph. */
export interface CaseInput {
  readonly kind: 'placeholder' | 'constant';
  readonly value: Flat;
}

export interface OpCase {
  readonly op: string;
  readonly title: string;
  readonly inputs: readonly CaseInput[];
  readonly attr: Readonly<Record<string, unknown>>;
  /** How many of the node's outputs are compared. */
  readonly outputs: number;
  /** The case needs its first dimension at import. */
  readonly fixedBatch: boolean;
}

const next = seeded(20_260_101);

export function floats(shape: readonly number[], low = -2, high = 2): Flat {
  const data = Float32Array.from({ length: count(shape) }, () => low + next() * (high - low));
  return { dtype: 'float32', shape, data };
}

/** x: floats at the run. */
export function x(shape: readonly number[], low?: number, high?: number): CaseInput {
  return { kind: 'placeholder', value: floats(shape, low, high) };
}

/** Integers at the run, low to high - 1. */
export function xi(shape: readonly number[], low: number, high: number): CaseInput {
  const data = Int32Array.from({ length: count(shape) }, () =>
    Math.floor(low + next() * (high - low)),
  );
  return { kind: 'placeholder', value: { dtype: 'int32', shape, data } };
}

export function xb(shape: readonly number[]): CaseInput {
  const data = Uint8Array.from({ length: count(shape) }, () => Number(next() < 0.5));
  return { kind: 'placeholder', value: { dtype: 'bool', shape, data } };
}

/** Floats at the run, as given. */
export function xOf(
  values: readonly number[],
  shape: readonly number[] = [values.length],
): CaseInput {
  return {
    kind: 'placeholder',
    value: { dtype: 'float32', shape, data: Float32Array.from(values) },
  };
}

/** k: constant floats. */
export function k(shape: readonly number[], low?: number, high?: number): CaseInput {
  return { kind: 'constant', value: floats(shape, low, high) };
}

export function kOf(
  values: readonly number[],
  shape: readonly number[] = [values.length],
): CaseInput {
  return { kind: 'constant', value: { dtype: 'float32', shape, data: Float32Array.from(values) } };
}

/** Constant integers; a single one without a shape is a scalar. */
export function ki(values: readonly number[] | number, shape?: readonly number[]): CaseInput {
  const list = typeof values === 'number' ? [values] : values;
  const dims = shape ?? (typeof values === 'number' ? [] : [values.length]);
  return { kind: 'constant', value: { dtype: 'int32', shape: dims, data: Int32Array.from(list) } };
}

export function opCase(
  op: string,
  title: string,
  inputs: readonly CaseInput[],
  attr: Readonly<Record<string, unknown>> = {},
  more: { readonly outputs?: number; readonly fixedBatch?: boolean } = {},
): OpCase {
  return {
    op,
    title,
    inputs,
    attr,
    outputs: more.outputs ?? 1,
    fixedBatch: more.fixedBatch ?? false,
  };
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
