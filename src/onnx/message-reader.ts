import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { OnnxFormatError } from './onnx-format-error.ts';
import type { Int64 } from './model.ts';

/** What decoding may cost. Counts are totals over the whole file, nested graphs included. */
export interface DecodeLimits {
  readonly maxBytes: number;
  /** Nesting of messages; a model without subgraphs needs 6. */
  readonly maxDepth: number;
  readonly maxNodes: number;
  readonly maxTensors: number;
  /** Every other repeated value: names, attributes, dimensions, list elements. */
  readonly maxItems: number;
}

export const defaultDecodeLimits: DecodeLimits = {
  maxBytes: 2 ** 31,
  maxDepth: 32,
  maxNodes: 200_000,
  maxTensors: 200_000,
  maxItems: 20_000_000,
};

type CountName = 'maxNodes' | 'maxTensors' | 'maxItems';

/** Counts what one decode has read so far, against its limits. */
export class DecodeBudget {
  readonly limits: DecodeLimits;
  readonly #used = { maxNodes: 0, maxTensors: 0, maxItems: 0 };

  constructor(limits: DecodeLimits) {
    this.limits = limits;
  }

  take(name: CountName): void {
    this.#used[name] += 1;
    if (this.#used[name] > this.limits[name]) {
      throw new OnnxFormatError(
        'ONNX_LIMIT',
        `More than ${name} = ${this.limits[name]} in the file.`,
      );
    }
  }
}

/** One field of a message, as its handler sees it: a handler reads one value, or nothing to skip it. */
export class Field {
  readonly #reader: BinaryReader;
  readonly #wire: WireType;
  readonly depth: number;
  readonly budget: DecodeBudget;

  constructor(reader: BinaryReader, wire: WireType, depth: number, budget: DecodeBudget) {
    this.#reader = reader;
    this.#wire = wire;
    this.depth = depth;
    this.budget = budget;
  }

  int(): Int64 {
    this.#expect(WireType.Varint);
    return exact(this.#reader.int64());
  }

  /** An int64 that the format means to be small: enum, version, dimension. */
  smallInt(): number {
    const value = this.int();
    if (typeof value === 'number') return value;
    throw new OnnxFormatError('ONNX_MALFORMED', `Expected a small integer, found ${value}.`);
  }

  float(): number {
    this.#expect(WireType.Bit32);
    return this.#reader.float();
  }

  text(): string {
    this.#expect(WireType.LengthDelimited);
    return this.#reader.string();
  }

  bytes(): Uint8Array {
    this.#expect(WireType.LengthDelimited);
    return this.#reader.bytes();
  }

  /** A repeated scalar arrives packed in one field or alone: both must be read. */
  ints(into: Int64[]): void {
    this.#repeated(WireType.Varint, (reader) => into.push(exact(reader.int64())));
  }

  floats(into: number[]): void {
    this.#repeated(WireType.Bit32, (reader) => into.push(reader.float()));
  }

  doubles(into: number[]): void {
    this.#repeated(WireType.Bit64, (reader) => into.push(reader.double()));
  }

  #repeated(wire: WireType, read: (reader: BinaryReader) => void): void {
    if (this.#wire === wire) {
      this.budget.take('maxItems');
      return read(this.#reader);
    }
    const packed = new BinaryReader(this.bytes());
    while (packed.pos < packed.len) {
      this.budget.take('maxItems');
      read(packed);
    }
  }

  #expect(wire: WireType): void {
    if (this.#wire === wire) return;
    throw new OnnxFormatError('ONNX_MALFORMED', `Wire type ${this.#wire}, expected ${wire}.`);
  }
}

export type FieldHandlers = Readonly<Record<number, (field: Field) => void>>;

/** Reads one message: known fields go to their handler, unknown ones are stepped over. */
export function readMessage(
  bytes: Uint8Array,
  depth: number,
  budget: DecodeBudget,
  handlers: FieldHandlers,
): void {
  if (depth > budget.limits.maxDepth) {
    throw new OnnxFormatError(
      'ONNX_LIMIT',
      `Nested deeper than maxDepth = ${budget.limits.maxDepth}.`,
    );
  }
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const handler = handlers[number];
    if (handler) handler(new Field(reader, wire, depth, budget));
    else reader.skip(wire, number, 8);
  }
}

function exact(value: bigint | string): Int64 {
  const big = BigInt(value);
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big;
}
