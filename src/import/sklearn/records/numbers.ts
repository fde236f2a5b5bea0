import type { PyValue } from '../records.ts';
import { dtypeText, invalid } from './dtype.ts';
import type { Dtype } from './dtype.ts';
import type { ArrayContent } from './ndarray.ts';
import { readFloat, readInteger } from './element.ts';
import { inOrderC } from './order.ts';

/** See `NdArray.numbers`. */
export function numbersOf(content: ArrayContent): Float64Array {
  const { shape, order, objects } = content;
  const stored = objects ? Float64Array.from(objects, numberOf) : fromBytes(content);
  return inOrderC(stored, shape, order, (n) => new Float64Array(n));
}

function fromBytes({ dtype, bytes }: ArrayContent): Float64Array {
  if (dtype.subarray || !'biuf'.includes(dtype.code)) throw notNumbers(dtypeText(dtype));
  const size = bytes.length / dtype.itemsize;
  if (dtype.code === 'f' && dtype.littleEndian && dtype.itemsize > 2)
    return floats(bytes, dtype.itemsize, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(size);
  for (let i = 0; i < size; i += 1) numbers[i] = element(view, i * dtype.itemsize, dtype);
  return numbers;
}

/** The bytes themselves where they lie well, else a copy. */
function floats(bytes: Uint8Array, itemsize: number, size: number): Float64Array {
  const aligned = bytes.byteOffset % itemsize === 0 ? bytes : Uint8Array.from(bytes);
  if (itemsize === 8) return new Float64Array(aligned.buffer, aligned.byteOffset, size);
  return Float64Array.from(new Float32Array(aligned.buffer, aligned.byteOffset, size));
}

function element(view: DataView, at: number, dtype: Dtype): number {
  if (dtype.code === 'f') return readFloat(view, at, dtype.itemsize, dtype.littleEndian);
  if (dtype.code === 'b') return view.getUint8(at) === 0 ? 0 : 1;
  return exact(readInteger(view, at, dtype));
}

function numberOf(value: PyValue): number {
  if (typeof value === 'number' || typeof value === 'bigint') return exact(value);
  if (typeof value === 'boolean') return Number(value);
  if (value !== null && typeof value === 'object') {
    if (value.kind === 'float') return value.value;
    if (value.kind === 'scalar') return numberOf(value.value);
  }
  throw notNumbers('an object array with other things than numbers');
}

function exact(value: number | bigint): number {
  if (typeof value === 'number') return value;
  const number = Number(value);
  if (BigInt(number) !== value)
    throw invalid(
      `the integer ${value.toString().slice(0, 40)} is beyond what float64 holds exactly`,
    );
  return number;
}

function notNumbers(what: string): Error {
  return invalid(`numbers are needed, found ${what}`);
}
