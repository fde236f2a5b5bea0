import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteRows } from '../../src/vectors/byte-rows.ts';
import { uuidAt } from '../../src/vectors/uuid-at.ts';
import type { VectorBlock } from '../../src/vectors/vector-index.ts';
import { VectorMatrix } from '../../src/vectors/vector-matrix.ts';

/** Park and Miller's generator, -0.5 to 0.5: the same numbers every time. */
function numbersOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
}

function unit(values: Float32Array): Float32Array {
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** An id that says its number. */
function idOf(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, number);
  return bytes;
}

const textOf = (number: number): string => uuidAt(idOf(number), 0);

/** Faces of persons who have two each. */
function blockOf(faces: readonly (readonly [number, Float32Array])[]): VectorBlock {
  const size = faces[0]?.[1].length ?? 0;
  const vectors = new Float32Array(faces.length * size);
  for (const [index, [, vector]] of faces.entries()) vectors.set(vector, index * size);
  const ids = (of: (number: number) => number): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(Buffer.concat(faces.map(([number]) => idOf(of(number)))));
  return { faceIds: ids((number) => number), personIds: ids((number) => number >> 1), vectors };
}

describe('a matrix of vectors in several pieces of memory', () => {
  // A piece takes 4,096 rows of this size, and is compared in bytes once it was full.
  const size = 512;
  const count = 9_000;
  const random = numbersOf(7);
  const fresh = (): Float32Array => unit(Float32Array.from({ length: size }, random));
  const known = new Map(Array.from({ length: count }, (_, face) => [face, fresh()] as const));
  const matrix = new VectorMatrix(size);

  const agree = (query: Float32Array, most: number, least: number): void => {
    const best = new Map<number, number>();
    for (const [face, vector] of known) {
      const score = cosine(vector, query);
      if (score >= least) best.set(face >> 1, Math.max(best.get(face >> 1) ?? -1, score));
    }
    const wanted = [...best].toSorted(([, a], [, b]) => b - a).slice(0, most);
    const [found = []] = matrix.search(query, { most, least });
    assert.deepEqual(
      found.map(({ personId }) => personId),
      wanted.map(([person]) => textOf(person)),
    );
    for (const [rank, { similarity }] of found.entries())
      assert.ok(Math.abs(similarity - (wanted[rank]?.[1] ?? 9)) < 1e-6);
  };
  const agreeOnAll = (): void => {
    agree(fresh(), 5, -1);
    agree(fresh(), 10_000, 0.08);
    agree(known.get(4_095) ?? fresh(), 3, 0.5);
    agree(unit(Float32Array.from({ length: size }, (_, at) => (at === 9 ? 1 : 0))), 4, -1);
  };

  it('finds what comparing with each of them finds', () => {
    matrix.put(blockOf([...known].slice(0, 5_000)), true);
    matrix.put(blockOf([...known].slice(5_000)), true);
    agreeOnAll();
  });

  it('still does when rows were replaced and removed', () => {
    const renewed = [3, 4_095, 4_096, 8_999].map((face) => [face, fresh()] as const);
    for (const [face, vector] of renewed) known.set(face, vector);
    matrix.put(blockOf(renewed));
    agreeOnAll();
    const gone = Array.from({ length: 2_000 }, (_, index) => index * 4);
    for (const face of gone) known.delete(face);
    matrix.remove(Uint8Array.from(Buffer.concat(gone.map(idOf))));
    assert.equal(matrix.rows, known.size);
    agreeOnAll();
    const more = Array.from({ length: 1_500 }, (_, index) => [count + index, fresh()] as const);
    for (const [face, vector] of more) known.set(face, vector);
    matrix.put(blockOf(more));
    agreeOnAll();
  });
});

describe('vectors in bytes', () => {
  it('never miss a row that is above the floor, at any size, and name few others', () => {
    for (const size of [1, 3, 16, 33, 512]) {
      const random = numbersOf(size);
      const rows = Array.from({ length: 700 }, () =>
        // Some have one large value, by which all others are rounded to nothing.
        unit(
          Float32Array.from({ length: size }, (_, at) => (at === 0 ? 9 * random() : random()) || 1),
        ),
      );
      const codes = new ByteRows(size, rows.length);
      for (const [row, vector] of rows.entries()) codes.set(row, vector);
      for (const floor of [-0.9, 0, 0.3]) {
        const query = rows[floor === 0 ? 1 : 699] ?? new Float32Array(size);
        const offered = new Set<number>();
        codes.near(
          query,
          rows.length,
          () => floor,
          (row) => offered.add(row),
        );
        const near = rows.flatMap((row, at) => (cosine(row, query) > floor ? [at] : []));
        assert.deepEqual(
          near.filter((row) => !offered.has(row)),
          [],
        );
        const wrong = [...offered].filter((row) => cosine(rows[row] ?? query, query) < floor - 0.2);
        assert.deepEqual(wrong, []);
      }
    }
  });

  it('are not there any more when they were wiped', () => {
    const codes = new ByteRows(16, 2);
    const vector = unit(Float32Array.from({ length: 16 }, (_, at) => at + 1));
    const above = (floor: number): number[] => {
      const rows: number[] = [];
      codes.near(
        vector,
        2,
        () => floor,
        (row) => rows.push(row),
      );
      return rows;
    };
    codes.set(0, vector);
    codes.set(1, vector);
    assert.deepEqual(above(0.9), [0, 1]);
    codes.wipe(0);
    assert.deepEqual(above(0.9), [1]);
  });
});
