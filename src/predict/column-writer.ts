import type { DType, Tensor } from '../tensor/tensor.ts';

/** Fills the data of one input value by value, each checked for its type. */
export interface ColumnWriter {
  /** Puts the value at `index`; returns what is wrong with it, or undefined. */
  readonly put: (index: number, value: unknown) => string | undefined;
  readonly data: Tensor['data'];
}

/** A writer for `size` values. `nullable`: null is a missing value, which floats keep as NaN and strings as ''. */
export function columnWriter(dtype: DType, size: number, nullable: boolean): ColumnWriter {
  switch (dtype) {
    case 'float32':
      return floats(new Float32Array(size), nullable);
    case 'float64':
      return floats(new Float64Array(size), nullable);
    case 'int64':
      return bigIntegers(new BigInt64Array(size));
    case 'int32':
      return integers(new Int32Array(size), -(2 ** 31), 2 ** 31 - 1, dtype);
    case 'uint8':
      return integers(new Uint8Array(size), 0, 255, dtype);
    case 'bool':
      return booleans(new Uint8Array(size));
    case 'string':
      return strings(
        Array.from({ length: size }, () => ''),
        nullable,
      );
  }
}

/** True and false are 1 and 0, as they are for numpy. */
function floats(data: Float32Array | Float64Array, nullable: boolean): ColumnWriter {
  const put = (index: number, value: unknown): string | undefined => {
    if (typeof value === 'number') {
      data[index] = value;
      // JSON has no infinity: this one is a number that the type cannot hold.
      return Number.isFinite(data[index])
        ? undefined
        : `is ${value}, beyond what the model can hold`;
    }
    if (value === null && nullable) {
      data[index] = Number.NaN;
      return undefined;
    }
    if (typeof value === 'boolean') {
      data[index] = Number(value);
      return undefined;
    }
    return `is ${shown(value)}; a number is needed`;
  };
  return { put, data };
}

function integers(
  data: Int32Array | Uint8Array,
  min: number,
  max: number,
  dtype: DType,
): ColumnWriter {
  const put = (index: number, value: unknown): string | undefined => {
    if (!Number.isInteger(value)) return `is ${shown(value)}; a whole number is needed`;
    const number = value as number;
    if (number < min || number > max) return `is ${number}; ${dtype} goes from ${min} to ${max}`;
    data[index] = number;
    return undefined;
  };
  return { put, data };
}

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

function bigIntegers(data: BigInt64Array): ColumnWriter {
  const put = (index: number, value: unknown): string | undefined => {
    if (Number.isSafeInteger(value)) {
      data[index] = BigInt(value as number);
      return undefined;
    }
    if (typeof value === 'number' && Number.isInteger(value))
      return `is ${value}, which JSON numbers do not carry exactly; send it as text`;
    if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value))
      return `is ${shown(value)}; a whole number is needed`;
    const big = BigInt(value);
    if (big < least || big > most) return `is ${value}; int64 goes from ${least} to ${most}`;
    data[index] = big;
    return undefined;
  };
  return { put, data };
}

function booleans(data: Uint8Array): ColumnWriter {
  const put = (index: number, value: unknown): string | undefined => {
    if (typeof value !== 'boolean' && value !== 0 && value !== 1)
      return `is ${shown(value)}; true or false is needed`;
    data[index] = Number(value);
    return undefined;
  };
  return { put, data };
}

function strings(data: string[], nullable: boolean): ColumnWriter {
  const put = (index: number, value: unknown): string | undefined => {
    if (typeof value === 'string') data[index] = value;
    else if (value !== null || !nullable) return `is ${shown(value)}; text is needed`;
    return undefined;
  };
  return { put, data };
}

/** A value as a message shows it: short, whatever it is. */
function shown(value: unknown): string {
  if (value === null) return 'null (NaN)';
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : `${value as number}`;
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
