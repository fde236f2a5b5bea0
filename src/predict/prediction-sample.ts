import type { NamedTensors } from '../engine/tabular-tasks.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { DecodedRows } from './decode-outputs.ts';
import {
  sampledRows,
  sampledValues,
  type JsonScalar,
  type PredictionRecord,
} from './prediction-record.ts';
import type { RowLayout } from './row-layout.ts';

const longestText = 200;

export type SampledInputs = Pick<PredictionRecord, 'inputs' | 'features'>;

/** The first values of the first rows, in the order of the features. */
export function sampleInputs(
  layout: RowLayout,
  runs: readonly NamedTensors[],
  rows: number,
): SampledInputs {
  const inputs: JsonScalar[][] = [];
  for (let row = 0; row < Math.min(rows, sampledRows); row += 1) {
    const run = runs[layout.together ? 0 : row] ?? {};
    const values: JsonScalar[] = [];
    for (const { name } of layout.inputs)
      if (layout.together) addValues(values, run[name], row, rows);
      else addValues(values, run[name], 0, 1);
    inputs.push(values);
  }
  return { inputs, features: featuresOf(layout) };
}

const features = new WeakMap<RowLayout, readonly string[]>();

function featuresOf(layout: RowLayout): readonly string[] {
  const known = features.get(layout);
  if (known) return known;
  const first = layout.columns.slice(0, sampledValues);
  features.set(layout, first);
  return first;
}

/** The values of one row of a tensor of `rows` rows, as long as there is room for them. */
function addValues(
  values: JsonScalar[],
  tensor: Tensor | undefined,
  row: number,
  rows: number,
): void {
  if (!tensor) return;
  const size = Math.floor(tensor.data.length / rows);
  const count = Math.min(size, sampledValues - values.length);
  for (let i = 0; i < count; i += 1) values.push(scalar(tensor.data[row * size + i]));
}

function scalar(value: unknown): JsonScalar {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return value.slice(0, longestText);
  return typeof value === 'bigint' ? exact(value) : null;
}

function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** The first predictions, and how often each class came out. */
export function sampleOutputs(
  { predictions, confidence }: DecodedRows,
  isClassifier: boolean,
): Pick<PredictionRecord, 'outputs' | 'confidence' | 'predictedClasses'> {
  const outputs = predictions.slice(0, sampledRows).map(shortened);
  return {
    outputs,
    ...(confidence ? { confidence: confidence.slice(0, sampledRows) } : {}),
    ...(isClassifier ? { predictedClasses: countClasses(predictions) } : {}),
  };
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, longestText);
  if (typeof value !== 'object' || value === null) return value;
  const values: unknown[] = Array.isArray(value) ? value : Object.values(value);
  const flat = values.every((each) => typeof each !== 'object' || each === null);
  return flat && values.length <= sampledValues ? value : null;
}

const mostClasses = 100;

function countClasses(predictions: readonly unknown[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const prediction of predictions) {
    if (typeof prediction === 'object' || prediction === undefined) continue;
    const label = `${prediction as JsonScalar}`.slice(0, longestText);
    if (counts.size < mostClasses || counts.has(label))
      counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
