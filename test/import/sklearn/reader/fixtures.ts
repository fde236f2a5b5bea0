import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One file that the real scikit-learn wrote, and what Python says about it; see `generate_reader.py`. */
export interface FixtureFile {
  readonly name: string;
  readonly form: string;
  readonly bytes: Uint8Array;
  readonly expected: unknown;
}

export interface Fixtures {
  readonly sklearn: string;
  readonly numpy: string;
  readonly joblib: string;
  readonly files: readonly FixtureFile[];
}

const folder = join(import.meta.dirname, '../../../fixtures/sklearn/reader');

export function fixtures(): Fixtures[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.fixtures.gz'))
    .toSorted()
    .map((name) => read(join(folder, name)));
}

function read(path: string): Fixtures {
  const content = gunzipSync(readFileSync(path));
  const line = content.indexOf(10);
  const index = JSON.parse(content.toString('utf8', 0, line)) as Omit<Fixtures, 'files'> & {
    files: { name: string; form: string; at: [number, number]; expected: unknown }[];
  };
  const files = index.files.map(({ name, form, at: [from, length], expected }) => ({
    name,
    form,
    expected,
    bytes: new Uint8Array(content.subarray(line + 1 + from, line + 1 + from + length)),
  }));
  return { ...index, files };
}
