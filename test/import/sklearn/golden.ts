import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** An array of Python: numbers as float64, anything else as JSON values (null for a missing one). */
export interface GoldenArray {
  readonly shape: readonly number[];
  /** numpy's kind of dtype. */
  readonly kind: string;
  readonly values: Float64Array | readonly (string | number | boolean | null)[];
}

export type GoldenInput =
  | { readonly kind: 'matrix'; readonly matrix: GoldenArray }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'columns'; readonly columns: ReadonlyMap<string, GoldenArray> };

/** A model that the real scikit-learn fitted, and what it answers; written by `generate.py`. */
export interface GoldenCase {
  readonly name: string;
  readonly family: string;
  readonly form: string;
  readonly bytes: Uint8Array;
  /** The same model as a skops archive; small models of the oldest and the newest version have one. */
  readonly skops?: Uint8Array;
  readonly input: GoldenInput;
  readonly expected: ReadonlyMap<string, GoldenArray>;
}

interface StoredArray {
  readonly shape: readonly number[];
  readonly kind: string;
  readonly at?: readonly [number, number];
  readonly items?: readonly (string | number | boolean | null)[];
}

interface StoredCase {
  readonly name: string;
  readonly family: string;
  readonly form: string;
  readonly file: readonly [number, number];
  readonly skops?: readonly [number, number];
  readonly input: {
    readonly matrix?: StoredArray;
    readonly texts?: readonly string[];
    readonly columns?: readonly (StoredArray & { readonly name: string })[];
  };
  readonly expected: Readonly<Record<string, StoredArray>>;
}

const folder = join(import.meta.dirname, '../../fixtures/sklearn');

/** One entry per version of scikit-learn. */
export function golden(): { version: string; cases: GoldenCase[] }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.fixtures.gz'))
    .toSorted()
    .map((name) => read(join(folder, name)));
}

function read(path: string): { version: string; cases: GoldenCase[] } {
  const content = gunzipSync(readFileSync(path));
  const line = content.indexOf(10);
  const index = JSON.parse(content.toString('utf8', 0, line)) as {
    sklearn: string;
    cases: StoredCase[];
  };
  const blob = ([from, length]: readonly [number, number]) =>
    Uint8Array.from(content.subarray(line + 1 + from, line + 1 + from + length));
  const array = ({ shape, kind, at, items }: StoredArray): GoldenArray => ({
    shape,
    kind,
    values: at ? new Float64Array(blob(at).buffer) : (items ?? []),
  });
  const input = ({ matrix, texts, columns }: StoredCase['input']): GoldenInput => {
    if (matrix) return { kind: 'matrix', matrix: array(matrix) };
    if (texts) return { kind: 'texts', texts };
    return { kind: 'columns', columns: new Map((columns ?? []).map((c) => [c.name, array(c)])) };
  };
  const cases = index.cases.map(({ file, skops, input: stored, expected, ...rest }) => ({
    ...rest,
    bytes: blob(file),
    ...(skops && { skops: blob(skops) }),
    input: input(stored),
    expected: new Map(Object.entries(expected).map(([name, value]) => [name, array(value)])),
  }));
  return { version: index.sklearn, cases };
}
