import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import {
  coupleProbabilities,
  importSklearn,
  missingString,
  textEncoder,
} from '../../src/import/sklearn/import-sklearn.ts';
import type { SignatureInput } from '../../src/import/sklearn/import-sklearn.ts';

export type Row = readonly number[] | string | Readonly<Record<string, string | number | null>>;

export interface Sample {
  readonly rows: readonly Row[];
  /** scikit-learn's `predict_proba` of them. */
  readonly probabilities: readonly (readonly number[])[];
}

export function sampleOf(folder: string, name: string): Sample {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Sample;
}

/** `predict_proba` of a model in this process: rows in, [rows, classes] out. */
export type Predict = (rows: readonly Row[]) => Promise<Float64Array>;

/** Compiles and opens a model: one thread, as the server's workers do. */
export async function ownModel(folder: string, name: string): Promise<Predict> {
  const bytes = readFileSync(join(folder, `${name}.joblib`));
  const { onnx, signature } = importSklearn([{ name, bytes }], { coupleOutside: true });
  const session = await ort.InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const feeds = signature.inputs.map(feeder);
  const { coupling } = signature;
  const wanted = coupling?.from ?? 'probabilities';
  return async (rows) => {
    const tensors = Object.assign(
      {},
      ...feeds.map((feed) => feed(rows)),
    ) as ort.InferenceSession.FeedsType;
    const found = await session.run(tensors, [wanted]);
    const data = found[wanted]?.data as Float64Array;
    return coupling ? coupleProbabilities(data, coupling.classes) : data;
  };
}

type Feeder = (rows: readonly Row[]) => Record<string, ort.Tensor>;

function feeder({ name, tensor, dtype, shape, text }: SignatureInput): Feeder {
  if (text) {
    const encode = textEncoder(text);
    return (rows) => {
      const { ids, counts, ...size } = encode(rows as readonly string[]);
      const dims = [size.rows, size.width];
      return {
        [text.ids]: new ort.Tensor('int64', ids, dims),
        [text.counts]: new ort.Tensor('float64', counts, dims),
      };
    };
  }
  if (name === 'X') {
    const width = Number(shape[1]);
    return (rows) => {
      const data = new Float64Array(rows.length * width);
      rows.forEach((row, i) => data.set(row as readonly number[], i * width));
      return { [tensor]: new ort.Tensor('float64', data, [rows.length, width]) };
    };
  }
  const column = (rows: readonly Row[]) =>
    rows.map((row) => (row as Readonly<Record<string, string | number | null>>)[name] ?? null);
  if (dtype === 'string')
    return (rows) => ({
      [tensor]: new ort.Tensor(
        'string',
        column(rows).map((value) => (value === null ? missingString : String(value))),
        [rows.length, 1],
      ),
    });
  return (rows) => ({
    [tensor]: new ort.Tensor(
      'float64',
      Float64Array.from(column(rows), (value) => (value === null ? Number.NaN : Number(value))),
      [rows.length, 1],
    ),
  });
}
