/** A value of a booster's own file. Objects are Maps, so that no key can reach a prototype. */
export type BoosterValue =
  | null
  | boolean
  | number
  | string
  | readonly BoosterValue[]
  | Float64Array
  | BoosterObject;
export type BoosterObject = ReadonlyMap<string, BoosterValue>;

const maxDepth = 64;
/** Bytes of each number type (ubjson.org, "Value Types"). */
const sizes: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 };

/** The subset of UBJSON that XGBoost writes: big-endian numbers, typed arrays. Undefined for anything else. */
export function readUbjson(bytes: Uint8Array): BoosterValue | undefined {
  try {
    const reader = new UbjsonReader(bytes);
    return reader.value(reader.marker(), 0);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class UbjsonReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: false });
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  marker(): string {
    return String.fromCharCode(this.#view.getUint8(this.#at++));
  }

  value(marker: string, depth: number): BoosterValue {
    if (depth > maxDepth) throw new RangeError('too deep');
    if (sizes[marker] !== undefined) return this.#number(marker);
    switch (marker) {
      case 'Z':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      case 'S':
        return this.#text();
      case 'C':
        return this.marker();
      case '[':
        return this.#array(depth);
      case '{':
        return this.#object(depth);
      default:
        throw new RangeError(`unknown marker ${marker}`);
    }
  }

  #number(marker: string): number {
    const at = this.#at;
    this.#at += sizes[marker] ?? 0;
    switch (marker) {
      case 'i':
        return this.#view.getInt8(at);
      case 'U':
        return this.#view.getUint8(at);
      case 'I':
        return this.#view.getInt16(at);
      case 'l':
        return this.#view.getInt32(at);
      case 'L':
        return Number(this.#view.getBigInt64(at));
      case 'd':
        return this.#view.getFloat32(at);
      default:
        return this.#view.getFloat64(at);
    }
  }

  #length(): number {
    const length = this.#number(this.marker());
    if (!Number.isSafeInteger(length) || length < 0 || length > this.#bytes.length)
      throw new RangeError('impossible length');
    return length;
  }

  #text(): string {
    const length = this.#length();
    if (this.#at + length > this.#bytes.length) throw new RangeError('cut off');
    this.#at += length;
    return this.#utf8.decode(this.#bytes.subarray(this.#at - length, this.#at));
  }

  #peek(): string {
    return String.fromCharCode(this.#view.getUint8(this.#at));
  }

  #array(depth: number): BoosterValue {
    if (this.#peek() === '$') return this.#typedArray();
    const items: BoosterValue[] = [];
    if (this.#peek() === '#') {
      this.#at += 1;
      for (let left = this.#length(); left > 0; left -= 1)
        items.push(this.value(this.marker(), depth + 1));
      return items;
    }
    for (let marker = this.marker(); marker !== ']'; marker = this.marker())
      items.push(this.value(marker, depth + 1));
    return items;
  }

  #typedArray(): Float64Array {
    this.#at += 1;
    const type = this.marker();
    const size = sizes[type];
    if (size === undefined || this.marker() !== '#') throw new RangeError('unknown typed array');
    const length = this.#length();
    if (this.#at + length * size > this.#bytes.length) throw new RangeError('cut off');
    return Float64Array.from({ length }, () => this.#number(type));
  }

  #object(depth: number): BoosterObject {
    const found = new Map<string, BoosterValue>();
    while (this.#peek() !== '}') {
      const key = this.#text();
      found.set(key, this.value(this.marker(), depth + 1));
    }
    this.#at += 1;
    return found;
  }
}

/** A parsed JSON document in the same form. */
export function fromJson(value: unknown, depth = 0): BoosterValue {
  if (depth > maxDepth) throw new RangeError('too deep');
  if (
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    typeof value === 'string'
  )
    return value;
  if (Array.isArray(value)) return value.map((item) => fromJson(item, depth + 1));
  return new Map(
    Object.entries(value ?? {}).map(([key, item]) => [key, fromJson(item, depth + 1)]),
  );
}
