import {
  array,
  bytes,
  dtype,
  global4,
  proto,
  shortBytes,
  str,
  u16,
  u32,
  wrapper,
} from './assembler.ts';
import type { EvilKind } from './kind.ts';

const invalid = 'ARRAY_INVALID';
const eight = shortBytes(new Uint8Array(8));
const one = bytes('K', 1, 0x85);

/** `(names, fields)` of a structured dtype with one field at an offset, then its sizes. */
function fields(offset: number, size: number, type = dtype('f8')): Uint8Array {
  const fieldTable = bytes('}', str('a'), type, 'J', u32(offset), 0x86, 's');
  return bytes('N', str('a'), 0x85, fieldTable, 'J', u32(size), 'K', 1, 'K', 0);
}

/** A dtype in a dtype in a dtype…, each with the same one twice. */
function nested(levels: number): Uint8Array {
  const parts: Uint8Array[] = [dtype('i1', '|'), bytes('q', 0, '0')];
  for (let i = 0; i < levels; i += 1) {
    const pair = bytes('(', str('a'), 'h', i, 'K', 0, 0x86, str('b'), 'h', i, 'K', 0, 0x86, 'u');
    const table = bytes('N', str('a'), str('b'), 0x86, '}', pair, 'K', 1, 'K', 1, 'K', 0);
    parts.push(dtype('V1', '|', table), bytes('q', i + 1, '0'));
  }
  return bytes(proto(2), ...parts, 'h', levels, '.');
}

/** Arrays whose shape, dtype and bytes do not fit. */
export const evilArrays: readonly EvilKind[] = (
  [
    [
      'a shape larger than its bytes',
      array(bytes('M', u16(65535), 0x85), dtype('f8'), eight),
      invalid,
    ],
    ['a shape smaller than its bytes', array(one, dtype('i1', '|'), eight), invalid],
    ['a negative shape', array(bytes('J', u32(-1), 0x85), dtype('f8'), eight), invalid],
    [
      'a shape that overflows to 1',
      array(
        bytes('(', ...Array.from({ length: 8 }, () => bytes(0x8a, 8, 0, 0, 0, 0, 1, 0, 0, 0)), 't'),
        dtype('f8'),
        eight,
      ),
      invalid,
    ],
    [
      'a shape of 60 dimensions',
      array(
        bytes('(', ...Array.from({ length: 60 }, () => bytes('K', 1)), 't'),
        dtype('f8'),
        eight,
      ),
      invalid,
    ],
    [
      'a shape of 70 dimensions',
      array(
        bytes('(', ...Array.from({ length: 70 }, () => bytes('K', 1)), 't'),
        dtype('f8'),
        eight,
      ),
      invalid,
    ],
    [
      'a shape of floats',
      array(bytes('G', new Uint8Array([0x3f, 0xe0, 0, 0, 0, 0, 0, 0]), 0x85), dtype('f8'), eight),
      'RECORD_TYPE',
    ],
    ['a shape of texts', array(bytes(str('1'), 0x85), dtype('f8'), eight), 'RECORD_TYPE'],
    [
      'a billion empty strings',
      array(bytes('J', u32(1_000_000_000), 0x85), dtype('U0'), shortBytes(new Uint8Array())),
      invalid,
    ],
    [
      'a dtype of 999,999,999 bytes',
      bytes(global4('numpy', 'dtype'), str('V999999999'), 0x89, 0x88, 0x87, 'R'),
      invalid,
    ],
    [
      'a dtype by BUILD of 2 GiB',
      array(one, dtype('V8', '|', bytes('NNNJ', u32(0x7fffffff), 'K', 1, 'K', 0)), eight),
      invalid,
    ],
    ['a dtype that is none', bytes(global4('numpy', 'dtype'), str('x7'), 0x85, 'R'), invalid],
    ['a dtype of code', bytes(global4('numpy', 'dtype'), str('f8;import os'), 0x85, 'R'), invalid],
    ['a dtype of an odd size', bytes(global4('numpy', 'dtype'), str('f3'), 0x85, 'R'), invalid],
    [
      'a long double',
      array(
        one,
        bytes(global4('numpy', 'dtype'), str('f16'), 0x85, 'R'),
        shortBytes(new Uint8Array(16)),
      ),
      'ARRAY_UNSUPPORTED',
    ],
    [
      'a text of half a character',
      array(
        one,
        dtype('U1', '<', bytes('NNNJ', u32(3), 'K', 1, 'K', 0)),
        shortBytes(new Uint8Array(3)),
      ),
      invalid,
    ],
    ['a field beyond its element', array(one, dtype('V8', '|', fields(4, 8)), eight), invalid],
    ['a field before its element', array(one, dtype('V8', '|', fields(-8, 8)), eight), invalid],
    [
      'an object in a field',
      array(one, dtype('V8', '|', fields(0, 8, dtype('O8', '|'))), eight),
      'ARRAY_UNSUPPORTED',
    ],
    ['objects without a list', array(one, dtype('O8', '|'), eight), invalid],
    [
      'fewer objects than the shape',
      array(bytes('K', 9, 0x85), dtype('O8', '|'), bytes(']')),
      invalid,
    ],
    ['bytes that are a number', array(one, dtype('f8'), bytes('K', 1)), invalid],
    ['an array without a dtype', array(one, bytes('N'), eight), invalid],
    [
      'an array that is never filled',
      bytes(
        global4('numpy.core.multiarray', '_reconstruct'),
        global4('numpy', 'ndarray'),
        'K',
        0,
        0x85,
        'C',
        1,
        'b',
        0x87,
        'R',
      ),
      'inert',
    ],
    [
      'a scalar of too few bytes',
      bytes(
        global4('numpy.core.multiarray', 'scalar'),
        dtype('f8'),
        shortBytes(bytes(1)),
        0x86,
        'R',
      ),
      invalid,
    ],
    [
      'a scalar beyond the last code point',
      bytes(
        global4('numpy.core.multiarray', 'scalar'),
        dtype('U1', '<', bytes('NNNJ', u32(4), 'K', 4, 'K', 0)),
        shortBytes(u32(0xffffffff)),
        0x86,
        'R',
      ),
      invalid,
    ],
    [
      'a buffer of another length',
      bytes(
        global4('numpy.core.numeric', '_frombuffer'),
        '(',
        shortBytes(bytes(1, 2)),
        dtype('f8'),
        one,
        str('C'),
        't',
        'R',
      ),
      invalid,
    ],
    [
      'a joblib array beyond the file',
      wrapper(bytes('J', u32(100_000_000), 0x85), dtype('i1', '|')),
      'PICKLE_CORRUPT',
    ],
    [
      'a joblib array beyond the limit',
      wrapper(bytes('J', u32(2_000_000_000), 0x85), dtype('f8')),
      'PICKLE_LIMIT',
    ],
    ['a joblib array without a dtype', wrapper(one, bytes('N')), invalid],
    [
      'joblib padding beyond the file',
      bytes(wrapper(one, dtype('i1', '|')), 255),
      'PICKLE_CORRUPT',
    ],
    [
      'a nested joblib pickle that is no array',
      bytes(wrapper(one, dtype('O8', '|')), proto(2), 'N.'),
      invalid,
    ],
    [
      'a nested joblib pickle that never ends',
      bytes(wrapper(one, dtype('O8', '|')), proto(2), 'NN'),
      'PICKLE_CORRUPT',
    ],
    [
      'joblib pickles nested six deep',
      bytes(...Array.from({ length: 6 }, () => bytes(proto(4), wrapper(one, dtype('O8', '|'))))),
      'PICKLE_LIMIT',
    ],
  ] as const
)
  .map(([name, body, outcome]): EvilKind => ({
    name,
    make: () => bytes(proto(4), body, '.'),
    outcome,
  }))
  .concat([
    { name: 'a dtype written out a million times', make: () => nested(20), outcome: invalid },
    { name: 'a dtype 200 deep', make: () => nested(200), outcome: invalid },
  ]);
