import type { NamedTensors } from '../engine/tabular-tasks.ts';
import type { ClassLabel, ModelOutput, ModelSignature } from '../protocol/model-version.ts';
import { elementCount, type Tensor } from '../tensor/tensor.ts';

/** What the rows of a request came to, as the answer shows it. */
export interface DecodedRows {
  readonly predictions: readonly unknown[];
  /** By class; by target and class of models that answer several questions at once. */
  readonly probabilities?: readonly (
    | ClassProbabilities
    | Readonly<Record<string, ClassProbabilities>>
  )[];
  readonly confidence?: readonly number[];
  /** What a decision function says, of models without probabilities. */
  readonly scores?: readonly unknown[];
}

export type ClassProbabilities = Readonly<Record<string, number | null>>;

/** @param together whether each run holds `rows` rows; otherwise each run is one row. */
export function decodeOutputs(
  signature: ModelSignature,
  runs: readonly NamedTensors[],
  rows: number,
  together: boolean,
): DecodedRows {
  const reader = new RowReader(signature, together);
  const decoded = runs.flatMap((run) =>
    Array.from({ length: together ? rows : 1 }, (_, row) => reader.read(run, row)),
  );
  const predictions = decoded.map(({ prediction }) => prediction);
  if (!reader.givesProbabilities)
    return reader.givesScores
      ? { predictions, scores: decoded.map(({ scores }) => scores) }
      : { predictions };
  return {
    predictions,
    probabilities: decoded.map(({ probabilities }) => probabilities),
    confidence: decoded.map(({ confidence }) => confidence),
  };
}

interface DecodedRow {
  readonly prediction: unknown;
  readonly probabilities: Record<string, number | null>;
  readonly confidence: number;
  readonly scores?: unknown;
}

class RowReader {
  readonly #label: ModelOutput | undefined;
  readonly #probabilities: ModelOutput | undefined;
  readonly #scores: ModelOutput | undefined;
  readonly #values: readonly ModelOutput[];
  readonly #classes: readonly ClassLabel[] | undefined;
  readonly #together: boolean;

  constructor({ outputs, classes }: ModelSignature, together: boolean) {
    this.#label = outputs.find(({ role }) => role === 'label');
    this.#probabilities = outputs.find(({ role }) => role === 'probabilities');
    this.#scores = outputs.find(({ role }) => role === 'scores');
    this.#values = outputs.filter(({ role }) => role === 'value');
    this.#classes = classes;
    this.#together = together;
  }

  get givesProbabilities(): boolean {
    return this.#probabilities !== undefined;
  }

  get givesScores(): boolean {
    return this.#scores !== undefined;
  }

  read(run: NamedTensors, row: number): DecodedRow {
    // A class may bear any name, `__proto__` too.
    const probabilities = Object.create(null) as Record<string, number | null>;
    let best = -1;
    let confidence = 0;
    const tensor = this.#probabilities && run[this.#probabilities.name];
    if (tensor) {
      const values = entry(tensor, row, this.#together) as readonly number[];
      for (const [index, value] of values.entries()) {
        probabilities[String(this.#classes?.[index] ?? index)] = value;
        if (value > confidence || best < 0) [best, confidence] = [index, value];
      }
    }
    const prediction = this.#prediction(run, row, best);
    if (!this.#scores || tensor) return { prediction, probabilities, confidence };
    const scores = this.#value(run, this.#scores, row);
    return { prediction, probabilities, confidence, scores };
  }

  #prediction(run: NamedTensors, row: number, best: number): unknown {
    const main = this.#mainPrediction(run, row, best);
    const others = this.#values.map(
      (output) => [output.name, this.#value(run, output, row)] as const,
    );
    if (main === undefined) {
      const [only] = others;
      return others.length === 1 && only ? only[1] : Object.fromEntries(others);
    }
    if (others.length === 0) return main;
    return { [this.#label?.name ?? 'label']: main, ...Object.fromEntries(others) };
  }

  #mainPrediction(run: NamedTensors, row: number, best: number): unknown {
    if (this.#label) return this.#value(run, this.#label, row);
    if (this.#probabilities) return this.#classes?.[best] ?? best;
    return undefined;
  }

  #value(run: NamedTensors, { name, targets }: ModelOutput, row: number): unknown {
    const tensor = run[name];
    const value = tensor ? entry(tensor, row, this.#together) : null;
    if (targets && Array.isArray(value))
      return Object.fromEntries(targets.map((target, at) => [target, value[at] as unknown]));
    // A column of one is a number to everybody but a tensor.
    return Array.isArray(value) && value.length === 1 && tensor && tensor.dims.length <= 2
      ? (value[0] as unknown)
      : value;
  }
}

/** One row of a tensor as nested plain values. Where a run is one row, a leading 1 is no dimension of it. */
function entry({ dtype, dims, data }: Tensor, row: number, together: boolean): unknown {
  const leading = together || dims[0] === 1;
  const rowDims = leading ? dims.slice(1) : dims;
  const size = elementCount(rowDims);
  const start = together ? row * size : 0;
  return nested(rowDims, 0, start, size, (index) => plain(dtype, data[index]));
}

function nested(
  dims: readonly number[],
  axis: number,
  start: number,
  size: number,
  at: (index: number) => unknown,
): unknown {
  const length = dims[axis];
  if (length === undefined) return at(start);
  const step = length === 0 ? 0 : size / length;
  return Array.from({ length }, (_, i) => nested(dims, axis + 1, start + i * step, step, at));
}

/** What JSON can say: an int64 it cannot carry exactly becomes text. NaN and infinity become null when it is written. */
function plain(dtype: Tensor['dtype'], value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return dtype === 'bool' ? value === 1 : value;
}
