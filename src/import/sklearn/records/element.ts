import type { PyValue } from '../records.ts';
import { PyBytes, PyComplex, PyFloat, PyTuple } from './values.ts';
import { invalid, unsupported } from './dtype.ts';
import type { Dtype } from './dtype.ts';

/**
 * One element of an array as the Python value that `array.item()` gives: int, float, bool, str, bytes; a tuple for
 * a row of a structured array; the raw count (int) for datetime64 and timedelta64.
 * @throws ARRAY_INVALID when a string holds what is no code point
 */
export function readElement(view: DataView, at: number, dtype: Dtype): PyValue {
  if (dtype.subarray) return readSubarray(view, at, dtype.subarray);
  switch (dtype.code) {
    case 'b':
      return view.getUint8(at) !== 0;
    case 'i':
    case 'u':
    case 'M':
    case 'm':
      return readInteger(view, at, dtype);
    case 'f':
      return new PyFloat(readFloat(view, at, dtype.itemsize, dtype.littleEndian));
    case 'c': {
      const half = dtype.itemsize / 2;
      const real = readFloat(view, at, half, dtype.littleEndian);
      return new PyComplex(real, readFloat(view, at + half, half, dtype.littleEndian));
    }
    case 'U':
      return readText(view, at, dtype);
    case 'S':
      return new PyBytes(
        trimmed(new Uint8Array(view.buffer, view.byteOffset + at, dtype.itemsize)),
      );
    case 'V':
      if (dtype.fields) {
        const fields = [...dtype.fields.values()];
        return new PyTuple(fields.map((f) => readElement(view, at + f.offset, f.dtype)));
      }
      return new PyBytes(new Uint8Array(view.buffer, view.byteOffset + at, dtype.itemsize));
    case 'O':
      throw unsupported('objects inside of a structured array are not read');
  }
}

/** An integer of 1 to 8 bytes; bigint only beyond 2^53. */
export function readInteger(view: DataView, at: number, dtype: Dtype): number | bigint {
  const little = dtype.littleEndian;
  const signed = dtype.code !== 'u';
  switch (dtype.itemsize) {
    case 1:
      return signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return signed ? view.getInt16(at, little) : view.getUint16(at, little);
    case 4:
      return signed ? view.getInt32(at, little) : view.getUint32(at, little);
    default:
      return plain(signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
  }
}

/** A Python int as number where that is exact, else as it is. */
export function plain(value: bigint): number | bigint {
  const short = Number(value);
  return Number.isSafeInteger(short) ? short : value;
}

/** An IEEE 754 binary16, 32 or 64. */
export function readFloat(view: DataView, at: number, size: number, little: boolean): number {
  if (size === 8) return view.getFloat64(at, little);
  if (size === 4) return view.getFloat32(at, little);
  const bits = view.getUint16(at, little);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** UCS-4, filled up with NUL; NUL inside of the text is kept, as numpy does. */
function readText(view: DataView, at: number, dtype: Dtype): string {
  let end = at + dtype.itemsize;
  while (end > at && view.getUint32(end - 4, true) === 0) end -= 4;
  let text = '';
  for (let i = at; i < end; i += 4) {
    const point = view.getUint32(i, dtype.littleEndian);
    if (point > 0x10ffff) throw invalid(`a string array holds ${point}, which is no code point`);
    text += String.fromCodePoint(point);
  }
  return text;
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

function readSubarray(view: DataView, at: number, sub: NonNullable<Dtype['subarray']>): PyTuple {
  const count = sub.shape.reduce((product, n) => product * n, 1);
  const step = sub.base.itemsize;
  return new PyTuple(
    Array.from({ length: count }, (_, i) => readElement(view, at + i * step, sub.base)),
  );
}
