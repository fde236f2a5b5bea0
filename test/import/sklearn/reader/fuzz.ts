import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SklearnImportError } from '../../../../src/import/sklearn/errors.ts';
import { NdArray } from '../../../../src/import/sklearn/records.ts';
import type { PyValue } from '../../../../src/import/sklearn/records.ts';
import { modelTree } from '../../../../src/import/sklearn/reader/inspect/model-tree.ts';
import { scanModelFile } from '../../../../src/import/sklearn/reader/read-model-file.ts';
import { readLimits } from '../../../../src/import/sklearn/reader/limits.ts';
import { ZipArchive } from '../../../../src/import/sklearn/reader/skops/zip-archive.ts';
import { visit } from '../../../../src/import/sklearn/reader/visit.ts';
import { zip } from './evil/archives.ts';
import { fixtures } from './fixtures.ts';
import { cpuMilliseconds } from '../../../support/cpu-time.ts';

/** Milliseconds for one file, none larger than 100 kB, on a slow machine. */
const longest = 2000;
/** Bytes that the heap may grow by over all cases: nothing is kept from one file to the next. */
const growth = 16 * 2 ** 20;

/** xorshift32, George Marsaglia 2003: the same cases in every run. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** One to eight changes: a byte, a bit, a stretch of zeros or ones, a stretch moved, or the end cut off. */
function mutated(original: Uint8Array, random: () => number): Uint8Array {
  let bytes = Uint8Array.from(original);
  const below = (n: number) => Math.floor(random() * n);
  for (
    let changes = 1 + below(random() < 0.5 ? 1 : 8);
    changes > 0 && bytes.length > 0;
    changes -= 1
  ) {
    const at = below(bytes.length);
    const way = random();
    if (way < 0.4) bytes[at] = below(256);
    else if (way < 0.7) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    else if (way < 0.8) bytes.fill(random() < 0.5 ? 0 : 255, at, at + below(16));
    else if (way < 0.95) bytes.copyWithin(at, below(bytes.length), below(bytes.length));
    else bytes = bytes.subarray(0, at);
  }
  return bytes;
}

/** Everything that a consumer may ask of a value. */
function useAll(root: PyValue): void {
  modelTree(root);
  visit(root, (value) => {
    if (!(value instanceof NdArray)) return;
    for (const look of [
      () => value.numbers(),
      () => value.values(),
      ...value.fieldNames.map((name) => () => value.field(name).values()),
    ])
      try {
        look();
      } catch (error) {
        if (!(error instanceof SklearnImportError)) throw error;
      }
  });
}

/**
 * Damages files of the fixtures at random and reads them.
 * @throws AssertionError or whatever the reader throws that is no SklearnImportError, with the number of the case
 */
export function fuzz(cases: number, seed: number): ReadonlyMap<string, number> {
  const files = fixtures().flatMap((set) =>
    set.files.map((file) => ({ ...file, version: set.sklearn })),
  );
  const random = randomFrom(seed);
  const outcomes = new Map<string, number>();
  let before = 0;
  for (let i = 0; i < cases; i += 1) {
    const file = files[Math.floor(random() * files.length)];
    assert.ok(file);
    const bytes =
      file.form === 'skops' ? withDamagedMember(file.bytes, random) : mutated(file.bytes, random);
    const place = `case ${i} of seed ${seed}: ${file.name} as ${file.form} of ${file.version}`;
    const outcome = readOne(bytes, place);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (i === Math.floor(cases / 4)) before = heap();
  }
  const grown = heap() - before;
  assert.ok(grown < growth, `the heap grew by ${grown} bytes`);
  return outcomes;
}

/** An archive's checksums would find any change: one member is damaged, and the archive made anew. */
function withDamagedMember(bytes: Uint8Array, random: () => number): Uint8Array {
  const archive = new ZipArchive(bytes, readLimits());
  const names = archive.names;
  const chosen = random() < 0.7 ? 'schema.json' : names[Math.floor(random() * names.length)];
  return zip(
    names.map((name) => {
      const data = archive.read(name);
      return { name, data: name === chosen ? mutated(data, random) : data };
    }),
  );
}

function readOne(bytes: Uint8Array, place: string): string {
  const start = cpuMilliseconds();
  try {
    const { root, problem } = scanModelFile(bytes);
    if (root !== undefined && !problem) useAll(root);
    assert.ok(root !== undefined || problem !== undefined);
    // Sizes are looked at before memory is asked for, so that this must not happen.
    assert.doesNotMatch(problem?.message ?? '', /more memory than there is/);
    assert.ok(cpuMilliseconds() - start < longest, `${cpuMilliseconds() - start} ms`);
    return problem?.code ?? 'read';
  } catch (error) {
    throw new Error(place, { cause: error });
  }
}

/** What is alive after a collection. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  // Twice: buffers are given back after the collection that finds them.
  for (let turn = 0; turn < 2; turn += 1) if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}
