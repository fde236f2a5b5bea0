import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync, zstdCompressSync } from 'node:zlib';
import { SklearnImportError } from '../../../../src/import/sklearn/errors.ts';
import type { SklearnImportCode } from '../../../../src/import/sklearn/errors.ts';
import { defaultReadLimits } from '../../../../src/import/sklearn/reader/limits.ts';
import type { ReadLimits } from '../../../../src/import/sklearn/reader/limits.ts';
import { readModelFile } from '../../../../src/import/sklearn/reader/read-model-file.ts';
import { array, bytes, dtype, global4, proto, shortBytes, str, wrapper } from './evil/assembler.ts';
import { fixtures } from './fixtures.ts';

const list = bytes(proto(4), ']', 0x94, '(', 'K', 1, 'K', 2, 'K', 3, 'e.');
const repetitive = bytes(proto(2), 'X', 0, 16, 0, 0, ' '.repeat(4096), '.');
const nestedLists = bytes(proto(2), ']]]]]aaaa.');
const floats = bytes(
  proto(4),
  array(bytes('K', 4, 0x85), dtype('f8'), shortBytes(new Uint8Array(32))),
  '.',
);
const laughs = bytes(proto(2), ']q', 0, '(NNNNe', '0]q', 1, '(h', 0, 'h', 0, 'h', 0, 'e.');
const objects = bytes(
  proto(4),
  wrapper(bytes('K', 1, 0x85), dtype('O8', '|')),
  proto(4),
  array(bytes('K', 1, 0x85), dtype('O8', '|'), bytes(']Na')),
  '.',
  '.',
);
const skops =
  fixtures().flatMap(({ files }) => files.filter(({ form }) => form === 'skops'))[0]?.bytes ??
  new Uint8Array();

/** One limit a row: a file, the lowest value with which it reads, and the code below that. */
const rows: readonly (readonly [
  keyof ReadLimits,
  Uint8Array,
  number,
  SklearnImportCode,
  Partial<ReadLimits>?,
])[] = [
  ['inputBytes', list, list.length, 'INPUT_LIMIT'],
  ['inflatedBytes', deflateSync(list), list.length, 'COMPRESSION_LIMIT'],
  [
    'ratio',
    deflateSync(repetitive),
    Math.ceil(repetitive.length / deflateSync(repetitive).length),
    'COMPRESSION_LIMIT',
    { ratioFloorBytes: 1 },
  ],
  ['ratioFloorBytes', zstdCompressSync(list), list.length, 'COMPRESSION_LIMIT', { ratio: 0 }],
  ['opcodes', list, 9, 'PICKLE_LIMIT'],
  ['memoEntries', list, 1, 'PICKLE_LIMIT'],
  ['stack', list, 4, 'PICKLE_LIMIT'],
  ['depth', nestedLists, 4, 'PICKLE_LIMIT'],
  ['paths', laughs, 16, 'PICKLE_LIMIT'],
  ['containers', nestedLists, 5, 'PICKLE_LIMIT'],
  ['items', list, 3, 'PICKLE_LIMIT'],
  ['textBytes', bytes(proto(2), 'X', 5, 0, 0, 0, 'abcde.'), 5, 'PICKLE_LIMIT'],
  ['integerBytes', bytes(proto(2), 0x8a, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, '.'), 9, 'PICKLE_LIMIT'],
  ['arrayBytes', floats, 32, 'PICKLE_LIMIT'],
  ['nestedPickles', objects, 1, 'PICKLE_LIMIT'],
  ['archiveMembers', skops, memberCount(skops), 'ARCHIVE_LIMIT'],
];

describe('limits of the reader', () => {
  for (const [limit, file, lowest, code, others] of rows)
    it(`${limit}: ${lowest} is enough, one less is ${code}`, () => {
      readModelFile(file, { ...others, [limit]: lowest });
      assert.throws(
        () => readModelFile(file, { ...others, [limit]: lowest - 1 }),
        (error) => {
          assert.ok(error instanceof SklearnImportError);
          assert.equal(error.code, code, error.message);
          assert.ok(
            error.message.includes('at most') || error.message.includes('beyond'),
            error.message,
          );
          return true;
        },
      );
    });

  it('milliseconds: a long file is given up', () => {
    const long = bytes(proto(2), 'N0'.repeat(2_000_000), 'N.');
    readModelFile(long, { milliseconds: 60_000 });
    assert.throws(() => readModelFile(long, { milliseconds: 1 }), { code: 'READ_TIMEOUT' });
  });

  it('every limit has a row', () => {
    const tested = new Set<string>([...rows.map(([limit]) => limit), 'milliseconds']);
    assert.deepEqual([...tested].toSorted(), Object.keys(defaultReadLimits).toSorted());
  });

  it('all forbidden names are told at once, with their places, though the file is broken behind them', () => {
    const file = bytes(
      proto(4),
      global4('os', 'system'),
      str('x'),
      global4('shutil', 'rmtree'),
      '(',
      global4('numpy', 'ndarray'),
      0xff,
    );
    assert.throws(
      () => readModelFile(file),
      (error) => {
        assert.ok(error instanceof SklearnImportError);
        assert.equal(error.code, 'PICKLE_FORBIDDEN_GLOBAL');
        assert.deepEqual(error.details['globals'], [
          { module: 'os', name: 'system', offset: 14 },
          { module: 'shutil', name: 'rmtree', offset: 34 },
        ]);
        assert.match(error.message, /"os\.system" at byte 14, "shutil\.rmtree" at byte 34/);
        return true;
      },
    );
  });
});

/** From the end record. */
function memberCount(archive: Uint8Array): number {
  return (archive.at(-12) ?? 0) + 256 * (archive.at(-11) ?? 0);
}
