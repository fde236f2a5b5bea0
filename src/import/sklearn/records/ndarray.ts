import { SklearnImportError } from '../errors.ts';
import type { PyValue } from '../records.ts';
import { dtypeText, holdsObjects, invalid } from './dtype.ts';
import type { Dtype } from './dtype.ts';
import { readElement } from './element.ts';
import { numbersOf } from './numbers.ts';
import { inOrderC } from './order.ts';

/** What an array is made of: either raw bytes or, for object arrays, the elements themselves. */
export interface ArrayContent {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** 'C': the last index runs fastest; 'F': the first. */
  readonly order: 'C' | 'F';
  /** In the order above, a view of the file. Empty for object arrays. */
  readonly bytes: Uint8Array;
  readonly objects?: readonly PyValue[];
}

/** Elements that `values()` may make; each becomes a JavaScript value of its own. */
const maxValues = 1 << 24;
/** numpy has 32 dimensions (64 since 2.0); no fitted attribute has more than 4. */
const maxRank = 32;
const maxExtent = 2 ** 31 - 1;
/** Elements of no bytes at all (`<U0`), which a short file could name by the billion. */
const maxEmptyElements = 1 << 16;

/** A `numpy.ndarray`. Its length was checked against shape and dtype. */
export class NdArray {
  readonly kind = 'array';
  #content: ArrayContent;
  #filled: boolean;

  /** Without content it is empty, as `_reconstruct` makes it, until BUILD fills it. */
  constructor(content?: ArrayContent) {
    this.#content = content ? checked(content) : nothing;
    this.#filled = content !== undefined;
  }

  get dtype(): Dtype {
    return this.#content.dtype;
  }
  get shape(): readonly number[] {
    return this.#content.shape;
  }
  get order(): 'C' | 'F' {
    return this.#content.order;
  }
  /** The raw bytes, in the file's order of elements and bytes. */
  get bytes(): Uint8Array {
    return this.#content.bytes;
  }
  /** Of an object array: its elements, in the file's order. */
  get objects(): readonly PyValue[] | undefined {
    return this.#content.objects;
  }
  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Only for the reader, and only once: an array that is in use never changes. */
  become(content: ArrayContent): void {
    if (this.#filled) throw invalid('an array is filled twice');
    this.#content = checked(content);
    this.#filled = true;
  }

  /**
   * All elements as float64 in C order: bool, integer and float dtypes, and object arrays that hold only such.
   * It may share memory with the file: not to be written to.
   * @throws ARRAY_INVALID for other dtypes, and for integers that float64 does not hold exactly
   */
  numbers(): Float64Array {
    return numbersOf(this.#content);
  }

  /** All elements as Python values in C order; a tuple for a row of a structured array. */
  values(): readonly PyValue[] {
    const { dtype, bytes, objects, shape, order } = this.#content;
    if (objects) return inOrderC(objects, shape, order, empty);
    const size = this.size;
    if (size > maxValues)
      throw new SklearnImportError(
        'PICKLE_LIMIT',
        `an array of ${size} elements is read one by one, at most ${maxValues} are`,
      );
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const stored = Array.from({ length: size }, (_, i) =>
      readElement(view, i * dtype.itemsize, dtype),
    );
    return inOrderC(stored, shape, order, empty);
  }

  /** The names of a structured array; none for others. */
  get fieldNames(): readonly string[] {
    return [...(this.dtype.fields?.keys() ?? [])];
  }

  /**
   * One field of a structured array, as an array of the same shape.
   * @throws ARRAY_INVALID when there is no such field
   */
  field(name: string): NdArray {
    const { dtype, shape, order, bytes } = this.#content;
    const field = dtype.fields?.get(name);
    if (!field)
      throw invalid(
        `a structured array has the fields ${this.fieldNames.join(', ') || '(none)'}, not ${name}`,
      );
    const { itemsize } = field.dtype;
    const size = this.size;
    const packed = new Uint8Array(size * itemsize);
    for (let row = 0, from = field.offset, to = 0; row < size; row += 1) {
      for (let i = 0; i < itemsize; i += 1) packed[to + i] = bytes[from + i] ?? 0;
      from += dtype.itemsize;
      to += itemsize;
    }
    return new NdArray({ dtype: field.dtype, shape, order, bytes: packed });
  }
}

const nothing: ArrayContent = {
  dtype: { code: 'i', itemsize: 1, littleEndian: true },
  shape: [0],
  order: 'C',
  bytes: new Uint8Array(),
};

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function checked(content: ArrayContent): ArrayContent {
  const { dtype, shape, bytes, objects } = content;
  const text = `shape (${shape.slice(0, 8).join(', ')}) of ${dtypeText(dtype)}`;
  if (shape.length > maxRank)
    throw invalid(`an array of ${shape.length} dimensions, at most ${maxRank} are read`);
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0 || n > maxExtent))
    throw invalid(`impossible ${text}`);
  const size = sizeOf(shape);
  if (objects) {
    if (objects.length !== size)
      throw invalid(`${text} needs ${size} objects, there are ${objects.length}`);
    return content;
  }
  if (holdsObjects(dtype)) throw invalid(`${text} holds objects, but there are only bytes`);
  if (bytes.length !== size * dtype.itemsize)
    throw invalid(`${text} needs ${size * dtype.itemsize} bytes, there are ${bytes.length}`);
  if (dtype.itemsize === 0 && size > maxEmptyElements)
    throw invalid(`${text} has ${size} elements of no bytes`);
  return content;
}

function empty(length: number): PyValue[] {
  return Array.from({ length }, () => null);
}
