import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { bytes, proto, str, u32, u64 } from './assembler.ts';
import type { EvilKind } from './kind.ts';

const limit = 'PICKLE_LIMIT';
const mega = 1 << 20;

function repeated(text: string, times: number): string {
  return text.repeat(times);
}

/** Each list holds the one before ten times. */
function laughs(levels: number): Uint8Array {
  const parts = [bytes(proto(2), ']q', 0)];
  for (let i = 0; i < levels; i += 1)
    parts.push(bytes(']q', i + 1, '(', ...Array.from({ length: 10 }, () => bytes('h', i)), 'e'));
  return bytes(proto(2), '(', ...parts.slice(0), 't.');
}

/** Small files that want much memory or time. */
export const evilBombs: readonly EvilKind[] = (
  [
    ['BINBYTES8 of 2^62', () => bytes(proto(4), 0x8e, u64(2n ** 62n), 'x.'), 'PICKLE_CORRUPT'],
    ['BINUNICODE8 of 2^40', () => bytes(proto(4), 0x8d, u64(2n ** 40n), 'x.'), 'PICKLE_CORRUPT'],
    [
      'BYTEARRAY8 of 2^64',
      () => bytes(proto(5), 0x96, u64(2n ** 64n - 1n), 'x.'),
      'PICKLE_CORRUPT',
    ],
    ['BINUNICODE of 4 GiB', () => bytes(proto(2), 'X', u32(0xffffffff), 'x.'), limit],
    ['BINSTRING of negative length', () => bytes('T', u32(-1), 'x.'), 'PICKLE_CORRUPT'],
    ['LONG4 of 2 GiB', () => bytes(proto(2), 0x8b, u32(0x7fffffff), '.'), limit],
    ['ten million digits of INT', () => bytes('I', repeated('9', 10_000_000), '\n.'), limit],
    ['ten million digits of LONG', () => bytes('L', repeated('9', 10_000_000), 'L\n.'), limit],
    ['a line of 10 MB', () => bytes('c', repeated('a', 10_000_000), '\nb\n.'), 'PICKLE_CORRUPT'],
    ['billion laughs', () => laughs(40), limit],
    [
      'tuples two million deep',
      () => bytes(proto(2), ')', repeated('\x85', 2_000_000), '.'),
      limit,
    ],
    [
      'lists 200,000 deep',
      () => bytes(proto(2), repeated(']', 200_000), repeated('a', 199_999), '.'),
      limit,
    ],
    [
      'dicts 100,000 deep',
      () => bytes(proto(2), repeated('}N', 100_000), '}', repeated('s', 100_000), '.'),
      limit,
    ],
    ['five million marks', () => bytes(repeated('(', 5_000_000), '.'), limit],
    ['six million DUPs', () => bytes(proto(2), 'N', repeated('2', 6_000_000), '.'), limit],
    [
      'DUP and APPEND of a list to itself',
      () => bytes(proto(2), ']', repeated('2a', 10), '.'),
      'PICKLE_CORRUPT',
    ],
    ['thirty million opcodes', () => bytes(proto(2), repeated('N0', 15_000_000), 'N.'), limit],
    ['three million dicts', () => bytes(proto(2), ']', repeated('}a', 3_000_000), '.'), limit],
    [
      'three million memo entries',
      () => bytes(proto(4), 'N', repeated('\x94', 5_000_000), '.'),
      limit,
    ],
    [
      'memo entries far from each other',
      () =>
        bytes(
          proto(2),
          'N',
          ...Array.from({ length: 100_000 }, (_, i) => bytes('r', u32(i * 4099 + 7))),
          '.',
        ),
      'inert',
    ],
    [
      'twelve million floats',
      () =>
        bytes(
          proto(2),
          ']',
          repeated('(' + repeated('G\x3f\xe0\0\0\0\0\0\0', 1000) + 'e', 12_000),
          '.',
        ),
      limit,
    ],
    [
      'keys that collide in a hash table of Python',
      () =>
        bytes(
          proto(4),
          '}(',
          ...Array.from({ length: 50_000 }, (_, i) => collidingKey(BigInt(i) * (2n ** 61n - 1n))),
          'u.',
        ),
      'inert',
    ],
    [
      'many keys of the same beginning',
      () =>
        bytes(
          proto(4),
          '}(',
          ...Array.from({ length: 50_000 }, (_, i) => bytes(str(`${'x'.repeat(100)}${i}`), 'N')),
          'u.',
        ),
      'inert',
    ],
    [
      'zlib of 256 MiB of zeros',
      () => bombOf((zeros) => deflateSync(zeros, { level: 9 })),
      'COMPRESSION_LIMIT',
    ],
    [
      'gzip of 256 MiB of zeros',
      () => bombOf((zeros) => gzipSync(zeros, { level: 9 })),
      'COMPRESSION_LIMIT',
    ],
    [
      'zstd of 256 MiB of zeros',
      () => bombOf((zeros) => zstdCompressSync(zeros)),
      'COMPRESSION_LIMIT',
    ],
    ['zlib within zlib', () => deflateSync(deflateSync(new Uint8Array(mega))), 'FORMAT_UNKNOWN'],
  ] as const
).map(([name, make, outcome]) => ({
  name,
  make: () => new Uint8Array(make()),
  outcome,
  bomb: true,
}));

function bombOf(pack: (zeros: Uint8Array) => Uint8Array): Uint8Array {
  return pack(new Uint8Array(256 * mega));
}

/** LONG1 of 9 bytes, then a value. Python hashes ints modulo 2^61 - 1. */
function collidingKey(key: bigint): Uint8Array {
  return bytes(0x8a, 9, u64(BigInt.asUintN(64, key)), Number(key >> 64n), 'N');
}
