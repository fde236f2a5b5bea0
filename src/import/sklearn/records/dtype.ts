import { SklearnImportError } from '../errors.ts';

/**
 * numpy's kind codes (https://numpy.org/doc/stable/reference/arrays.interface.html): bool, signed, unsigned,
 * float, complex, Unicode (UCS-4), bytes, object, void or structured, datetime, timedelta.
 */
export type DtypeCode = 'b' | 'i' | 'u' | 'f' | 'c' | 'U' | 'S' | 'O' | 'V' | 'M' | 'm';

/** How one element lies in memory. Never changes once made. */
export interface Dtype {
  readonly code: DtypeCode;
  /** Bytes of one element. */
  readonly itemsize: number;
  readonly littleEndian: boolean;
  /** Of a structured dtype: where each field lies, in the order of the names. Offsets need not be packed. */
  readonly fields?: ReadonlyMap<string, { readonly dtype: Dtype; readonly offset: number }>;
  /** Of a field that is itself an array. */
  readonly subarray?: { readonly base: Dtype; readonly shape: readonly number[] };
  /** Of a datetime or timedelta, such as `ns` or `25s`. */
  readonly unit?: string;
}

/** Bytes that one element may have; a structured row of scikit-learn has 64. */
const maxItemsize = 1 << 20;

/** A `numpy.dtype` as a pickle makes it: named first, then filled by BUILD once. */
export class PyDtype {
  readonly kind = 'dtype';
  #spec: Dtype;

  constructor(spec: Dtype) {
    this.#spec = spec;
  }

  get spec(): Dtype {
    return this.#spec;
  }

  /** Only for the reader. Arrays keep the spec they were made with, so that no later BUILD changes them. */
  become(spec: Dtype): void {
    this.#spec = spec;
  }
}

const letters: Record<string, readonly [DtypeCode, number]> = {
  '?': ['b', 1],
  b: ['i', 1],
  B: ['u', 1],
  h: ['i', 2],
  H: ['u', 2],
  i: ['i', 4],
  I: ['u', 4],
  l: ['i', 8],
  L: ['u', 8],
  q: ['i', 8],
  Q: ['u', 8],
  e: ['f', 2],
  f: ['f', 4],
  d: ['f', 8],
  F: ['c', 8],
  D: ['c', 16],
  O: ['O', 8],
};
const sizes: Record<DtypeCode, readonly number[] | undefined> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8],
  c: [8, 16],
  O: [4, 8],
  M: [8],
  m: [8],
  U: undefined,
  S: undefined,
  V: undefined,
};

/**
 * Reads a dtype's short text, such as `<f8`, `|S3`, `U7`, `M8[ns]`, `?`.
 * @throws ARRAY_INVALID, ARRAY_UNSUPPORTED (long double)
 */
export function parseDtype(text: string): Dtype {
  const match = /^([<>=|]?)([?a-zA-Z])(\d{0,9})(?:\[([0-9a-zA-Zμ]{1,12})\])?$/.exec(text);
  if (!match) throw invalid(`unknown dtype ${JSON.stringify(text.slice(0, 40))}`);
  const [, order, letter = '', digits, unit] = match;
  const littleEndian = order !== '>';
  if (digits === '' && letters[letter]) {
    const [code, itemsize] = letters[letter];
    return { code, itemsize, littleEndian };
  }
  if (
    letter === 'g' ||
    letter === 'G' ||
    (letter === 'f' && Number(digits) > 8) ||
    (letter === 'c' && Number(digits) > 16)
  )
    throw unsupported(
      `long double (${text}) differs from machine to machine; cast it to float64 and save again`,
    );
  const code = letter === 'a' ? 'S' : letter;
  if (!isCode(code)) throw invalid(`unknown dtype ${JSON.stringify(text)}`);
  const itemsize = Number(digits) * (code === 'U' ? 4 : 1);
  if (itemsize > maxItemsize)
    throw invalid(
      `dtype ${text} has elements of ${itemsize} bytes, at most ${maxItemsize} are read`,
    );
  if (sizes[code]?.includes(itemsize) === false && !(isTime(code) && digits === ''))
    throw invalid(`unknown dtype ${JSON.stringify(text)}`);
  const size = isTime(code) ? 8 : itemsize;
  return { code, itemsize: size, littleEndian, ...(unit === undefined ? {} : { unit }) };
}

/** The short text of a dtype, as numpy writes it. */
export function dtypeText(dtype: Dtype): string {
  if (dtype.subarray) return `(${dtype.subarray.shape.join(',')})${dtypeText(dtype.subarray.base)}`;
  if (dtype.fields)
    return `{${Array.from(dtype.fields, ([name, f]) => `${name}:${dtypeText(f.dtype)}@${f.offset}`).join(',')}}`;
  const unit = dtype.unit === undefined ? '' : `[${dtype.unit}]`;
  const size = dtype.code === 'U' ? dtype.itemsize / 4 : dtype.itemsize;
  return dtype.code === 'O'
    ? 'object'
    : `${dtype.littleEndian ? '<' : '>'}${dtype.code}${size}${unit}`;
}

/** Whether elements are Python objects, in whole or in part: then there are no raw bytes to read. */
export function holdsObjects(dtype: Dtype): boolean {
  if (dtype.code === 'O') return true;
  if (dtype.subarray) return holdsObjects(dtype.subarray.base);
  return (
    dtype.fields !== undefined && [...dtype.fields.values()].some((f) => holdsObjects(f.dtype))
  );
}

function isCode(text: string): text is DtypeCode {
  return text in sizes && text.length === 1;
}

function isTime(code: DtypeCode): boolean {
  return code === 'M' || code === 'm';
}

export function invalid(message: string, details?: Record<string, unknown>): SklearnImportError {
  return new SklearnImportError('ARRAY_INVALID', message, details);
}

export function unsupported(message: string): SklearnImportError {
  return new SklearnImportError('ARRAY_UNSUPPORTED', message);
}

const maxDepth = 8;
const maxLeaves = 4096;

/**
 * How deep fields lie in fields, as a check for whoever makes a dtype: each part was checked when it was made, so that
 * this never goes deep.
 */
export function dtypeDepth(dtype: Dtype): number {
  const { depth, leaves } = measure(dtype);
  if (depth > maxDepth || leaves > maxLeaves)
    throw invalid(
      `a dtype with ${leaves} fields, ${depth} deep; at most ${maxLeaves} and ${maxDepth} are read`,
    );
  return depth;
}

function measure(dtype: Dtype): { depth: number; leaves: number } {
  const parts = dtype.subarray
    ? [dtype.subarray.base]
    : Array.from(dtype.fields?.values() ?? [], (f) => f.dtype);
  const inner = parts.map(measure);
  const copies = dtype.subarray ? dtype.subarray.shape.reduce((product, n) => product * n, 1) : 1;
  return {
    depth: 1 + Math.max(0, ...inner.map((part) => part.depth)),
    leaves: Math.max(1, copies * inner.reduce((sum, part) => sum + part.leaves, 0)),
  };
}
