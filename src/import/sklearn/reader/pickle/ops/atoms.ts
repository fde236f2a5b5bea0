import { PyBytes, PyFloat } from '../../../records.ts';
import { plain } from '../../../records/element.ts';
import { corruptPickle } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { latin1, quotedText, rawUnicode, utf8 } from '../python-text.ts';
import type { Handlers } from './handler.ts';

/** None, bool, int, float, str and bytes. */
export const atoms: Handlers = {
  0x4e: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x4a: (m) => m.push(m.cursor.i32()),
  0x4b: (m) => m.push(m.cursor.u8()),
  0x4d: (m) => m.push(m.cursor.u16()),
  0x49: (m, offset) => m.push(decimal(m, offset, true)),
  0x4c: (m, offset) => m.push(decimal(m, offset, false)),
  0x8a: (m) => m.push(integer(m, m.cursor.u8())),
  0x8b: (m) => m.push(integer(m, m.cursor.i32())),
  0x46: (m, offset) => m.push(new PyFloat(decimalFloat(latin1(m.cursor.line()), offset))),
  0x47: (m) => m.push(new PyFloat(m.cursor.f64())),
  0x53: (m, offset) => m.push(quotedText(m.cursor.line(m.budget.limits.textBytes), offset)),
  0x54: (m) => m.push(latin1(textBytes(m, m.cursor.i32()))),
  0x55: (m) => m.push(latin1(m.cursor.take(m.cursor.u8()))),
  0x56: (m, offset) => m.push(rawUnicode(m.cursor.line(m.budget.limits.textBytes), offset)),
  0x58: (m, offset) => m.push(utf8(textBytes(m, m.cursor.u32()), offset)),
  0x8c: (m, offset) => m.push(utf8(m.cursor.take(m.cursor.u8()), offset)),
  0x8d: (m, offset) => m.push(utf8(textBytes(m, m.cursor.length64()), offset)),
  0x42: (m) => m.push(new PyBytes(m.cursor.take(m.cursor.u32()))),
  0x43: (m) => m.push(new PyBytes(m.cursor.take(m.cursor.u8()))),
  0x8e: (m) => m.push(new PyBytes(m.cursor.take(m.cursor.length64()))),
  0x96: (m) => m.push(new PyBytes(m.cursor.take(m.cursor.length64()))),
};

function textBytes(machine: Machine, length: number): Uint8Array {
  machine.budget.text(length);
  return machine.cursor.take(length);
}

/** Two's complement, the lowest byte first. */
function integer(machine: Machine, length: number): number | bigint {
  machine.budget.integer(length);
  const bytes = machine.cursor.take(length);
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return plain(BigInt.asIntN(bytes.length * 8, value));
}

/** Digits of INT (also `00` and `01`, False and True) and LONG (`…L`). */
function decimal(machine: Machine, offset: number, booleans: boolean): number | bigint | boolean {
  const line = machine.cursor.line(Infinity);
  // Parsing is quadratic in the digits; 2.5 digits a byte keep the bound of `integerBytes`.
  machine.budget.integer(Math.ceil(line.length / 2.5));
  const text = latin1(line).trim();
  if (booleans && (text === '00' || text === '01')) return text === '01';
  const digits = !booleans && text.endsWith('L') ? text.slice(0, -1) : text;
  if (!/^[+-]?\d+$/.test(digits)) throw corruptPickle('an integer that is none', offset);
  return plain(digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', '')));
}

function decimalFloat(text: string, offset: number): number {
  const special: Readonly<Record<string, number>> = {
    inf: Infinity,
    '-inf': -Infinity,
    nan: NaN,
    '-nan': NaN,
  };
  const known = Object.hasOwn(special, text) ? special[text] : undefined;
  if (known !== undefined) return known;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
    throw corruptPickle('a float that is none', offset);
  return Number(text);
}
