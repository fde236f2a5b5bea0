import { InferenceSession, Tensor } from 'onnxruntime-node';
import { missingString, textEncoder } from '../../../src/import/sklearn/import-sklearn.ts';
import type {
  Signature,
  SignatureInput,
  SklearnImport,
} from '../../../src/import/sklearn/import-sklearn.ts';
import type { GoldenArray, GoldenInput } from './golden.ts';

export type Feeds = Record<string, Tensor>;

/** Rows as the graph's inputs, `rows` of them from the first on. */
export function feedsOf(signature: Signature, input: GoldenInput, rows: number, from = 0): Feeds {
  const feeds: Feeds = {};
  for (const one of signature.inputs) Object.assign(feeds, feed(one, input, rows, from));
  return feeds;
}

export function rowsOf(input: GoldenInput): number {
  if (input.kind === 'texts') return input.texts.length;
  if (input.kind === 'matrix') return input.matrix.shape[0] ?? 0;
  return [...input.columns.values()][0]?.shape[0] ?? 0;
}

function feed(one: SignatureInput, input: GoldenInput, rows: number, from: number): Feeds {
  if (one.text) {
    const texts =
      input.kind === 'texts' ? input.texts : Array.from(column(input, one.name).values, String);
    const found = textEncoder(one.text)([...texts].slice(from, from + rows).map(String));
    const dims = [found.rows, found.width];
    return {
      [one.text.ids]: new Tensor('int64', found.ids, dims),
      [one.text.counts]: new Tensor('float64', found.counts, dims),
    };
  }
  if (one.name === 'X') {
    const width = Number(one.shape[1]);
    return { X: new Tensor('float64', matrixOf(one, input, rows, from, width), [rows, width]) };
  }
  const values = [...column(input, one.name).values].slice(from, from + rows);
  if (one.dtype === 'string')
    return {
      [one.tensor]: new Tensor(
        'string',
        values.map((v) => (v === null ? missingString : String(v))),
        [rows, 1],
      ),
    };
  const numbers = Float64Array.from(values, (v) => (v === null ? NaN : Number(v)));
  return { [one.tensor]: new Tensor('float64', numbers, [rows, 1]) };
}

function matrixOf(
  one: SignatureInput,
  input: GoldenInput,
  rows: number,
  from: number,
  width: number,
): Float64Array {
  if (input.kind === 'matrix')
    return Float64Array.from(
      input.matrix.values.slice(from * width, (from + rows) * width),
      Number,
    );
  const out = new Float64Array(rows * width);
  (one.features ?? []).forEach((name, j) => {
    const { values } = column(input, name);
    for (let i = 0; i < rows; i += 1)
      out[i * width + j] = values[from + i] === null ? NaN : Number(values[from + i]);
  });
  return out;
}

function column(input: GoldenInput, name: string): GoldenArray {
  if (input.kind === 'matrix') {
    const [rows = 0, width = 0] = input.matrix.shape;
    const j = Number(name.slice(1));
    return {
      shape: [rows],
      kind: 'f',
      values: Float64Array.from({ length: rows }, (_, i) =>
        Number(input.matrix.values[i * width + j]),
      ),
    };
  }
  const found = input.kind === 'columns' ? input.columns.get(name) : undefined;
  if (!found) throw new Error(`the fixture has no column ${name}`);
  return found;
}

export type Answers = Readonly<
  Record<string, { data: readonly (string | number | boolean | bigint)[]; dims: readonly number[] }>
>;

export async function sessionOf({ onnx }: SklearnImport): Promise<InferenceSession> {
  return InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
}

export async function run(session: InferenceSession, feeds: Feeds): Promise<Answers> {
  const found = await session.run(feeds);
  return Object.fromEntries(
    Object.entries(found).map(([name, tensor]) => [
      name,
      { data: Array.from(tensor.data as ArrayLike<number>), dims: tensor.dims },
    ]),
  );
}
