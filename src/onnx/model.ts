/**
 * The part of ONNX's file format that Fovea reads and writes, as plain values.
 * Field numbers and meanings: onnx/onnx.proto of github.com/onnx/onnx (Apache-2.0).
 */

/** `TensorProto.DataType`. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const;

export type DataTypeName = keyof typeof dataTypes;

/** A number where it is exact, a bigint beyond 2^53. */
export type Int64 = number | bigint;

/** A tensor: little-endian `raw` data in row-major order, or `strings`, or a reference to another file. */
export interface Tensor {
  readonly name: string;
  /** A value of `dataTypes`, or a newer one this code has no name for. */
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly raw?: Uint8Array;
  readonly strings?: readonly Uint8Array[];
  /** `location`, `offset`, `length`… of data kept outside of the file. */
  readonly externalData?: ReadonlyMap<string, string>;
}

export type Attribute =
  | { readonly name: string; readonly kind: 'int'; readonly value: Int64 }
  | { readonly name: string; readonly kind: 'float'; readonly value: number }
  | { readonly name: string; readonly kind: 'string'; readonly value: string }
  | { readonly name: string; readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly name: string; readonly kind: 'graph'; readonly value: Graph }
  | { readonly name: string; readonly kind: 'ints'; readonly value: readonly Int64[] }
  | { readonly name: string; readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly name: string; readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly name: string; readonly kind: 'graphs'; readonly value: readonly Graph[] }
  /** A kind that is not read: type protos, sparse tensors, references of functions. */
  | { readonly name: string; readonly kind: 'other' };

export interface Node {
  readonly name: string;
  readonly opType: string;
  /** '' is the ONNX domain itself. */
  readonly domain: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly Attribute[];
}

/** A dimension: its size, the name of a free one, or null when nothing is said. */
export type Dimension = number | string | null;

export interface ValueInfo {
  readonly name: string;
  /** Null for a value that is not a dense tensor (sequence, map, optional…). */
  readonly dataType: number | null;
  /** Null when not even the rank is known. */
  readonly shape: readonly Dimension[] | null;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Tensor[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface Model {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  /** Domain to version; '' is the ONNX domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
  /** Model-local functions, which decode() counts but does not read. */
  readonly functionCount: number;
}
