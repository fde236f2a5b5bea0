import type { ModelSamples, ParityReport, SampleDifference } from '../protocol/model-samples.ts';
import type { ModelSignature } from '../protocol/model-version.ts';
import type { DecodedRows } from './decode-outputs.ts';

/** What the samples came to: `failed` when the worst difference is more than is tolerated. */
export interface Comparison {
  readonly report: ParityReport;
  readonly failed: boolean;
}

/** The names of nested lists, in order: what a list of scikit-learn's stands for. */
interface Names {
  readonly targets: readonly string[];
  /** Of the values of one output. */
  readonly values: readonly string[];
  readonly classes: (target: string | undefined) => readonly string[];
}

/** Compares what a model answers with what its author says it answers. Lists may stand for records, in the model's order. */
export class SampleComparison {
  readonly #samples: ModelSamples;
  readonly #names: Names;
  readonly #found: Differences;
  /** Whether predictions are labels. */
  readonly #exact: boolean;

  constructor(signature: ModelSignature, samples: ModelSamples, tolerance: number) {
    this.#samples = samples;
    this.#names = namesOf(signature);
    this.#found = new Differences(tolerance);
    this.#exact = signature.outputs.some(
      ({ role }) => role === 'label' || role === 'probabilities',
    );
  }

  /** The answers to some of the samples, from row `start` on. */
  add(start: number, decoded: DecodedRows): void {
    for (const [at, prediction] of decoded.predictions.entries()) {
      this.#prediction(start + at, prediction);
      this.#probabilities(start + at, decoded.probabilities?.[at]);
    }
  }

  result(): Comparison {
    return this.#found.result(this.#samples.inputs.length);
  }

  #prediction(row: number, actual: unknown): void {
    const { predictions } = this.#samples;
    if (!predictions) return;
    const list = (value: unknown) => ordered(value, this.#names.values);
    this.#found.compare(row, 'predictions', list(predictions[row]), list(actual), this.#exact);
  }

  #probabilities(row: number, actual: unknown): void {
    const { probabilities } = this.#samples;
    if (!probabilities) return;
    const expected = probabilities[row];
    const { targets, classes } = this.#names;
    if (targets.length === 0) {
      const list = (value: unknown) => ordered(value, classes(undefined));
      this.#found.compare(row, 'probabilities', list(expected), list(actual), false);
      return;
    }
    const [wanted, given] = [ordered(expected, targets), ordered(actual, targets)];
    for (const [at, target] of targets.entries()) {
      const list = (value: unknown) => ordered(entry(value, at), classes(target));
      this.#found.compare(row, `probabilities.${target}`, list(wanted), list(given), false);
    }
  }
}

function namesOf({ outputs, classes }: ModelSignature): Names {
  const targets = [...new Set(outputs.flatMap(({ target }) => target ?? []))];
  const width = outputs.find(({ role }) => role === 'probabilities')?.shape[1];
  const unnamed = Array.from({ length: typeof width === 'number' ? width : 0 }, (_, i) => `${i}`);
  const own = classes?.map(String) ?? unnamed;
  return {
    targets,
    values: outputs.find((each) => each.targets)?.targets ?? targets,
    classes: (target) =>
      target === undefined
        ? own
        : (outputs.find((each) => each.target === target)?.classes ?? []).map(String),
  };
}

/** A record as the list of its values in the order of `names`; anything else as it is. */
function ordered(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || names.length === 0)
    return value;
  const record = value as Readonly<Record<string, unknown>>;
  const strange = Object.keys(record).length !== names.length;
  return strange ? value : names.map((name) => record[name]);
}

function entry(value: unknown, at: number): unknown {
  return Array.isArray(value) ? (value[at] as unknown) : undefined;
}

/** Where a value stands; written out only for the worst. */
interface Place {
  readonly row: number;
  readonly name: string;
  readonly path: readonly number[];
}

class Differences {
  readonly #tolerance: number;
  #values = 0;
  #greatest = 0;
  #worst: SampleDifference | null = null;

  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  result(rows: number): Comparison {
    const report = {
      rows,
      values: this.#values,
      tolerance: this.#tolerance,
      max_difference: Number.isFinite(this.#greatest) ? this.#greatest : null,
      worst: this.#worst,
    };
    return { report, failed: this.#greatest > this.#tolerance };
  }

  /** @param exact whether numbers, too, are equal or not: labels are names. */
  compare(row: number, value: string, expected: unknown, actual: unknown, exact: boolean): void {
    this.#compare({ row, name: value, path: [] }, expected, actual, exact);
  }

  #compare(place: Place, expected: unknown, actual: unknown, exact: boolean): void {
    if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
      const { row, name, path } = place;
      for (const [at, each] of expected.entries())
        this.#compare({ row, name, path: [...path, at] }, each, actual[at] as unknown, exact);
      return;
    }
    this.#values += 1;
    const difference = distance(expected, actual, exact);
    if (difference <= this.#greatest) return;
    this.#greatest = difference;
    this.#worst = {
      row: place.row,
      value: `${place.name}${place.path.map((at) => `[${at}]`).join('')}`,
      expected: short(expected),
      actual: short(actual),
      difference: Number.isFinite(difference) ? difference : null,
    };
  }
}

/** 0 for what is the same, infinite for what cannot be compared. */
function distance(expected: unknown, actual: unknown, exact: boolean): number {
  // Answers have null for what JSON cannot say.
  if (typeof actual === 'number' && !Number.isFinite(actual))
    return expected === null ? 0 : Infinity;
  if (typeof expected === 'number' && typeof actual === 'number' && !exact)
    return Math.abs(expected - actual) / Math.max(1, Math.abs(expected));
  if (isScalar(expected) && isScalar(actual) && String(expected) === String(actual)) return 0;
  return Infinity;
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) || value === null;
}

function short(value: unknown): unknown {
  if (isScalar(value)) return typeof value === 'string' ? value.slice(0, 200) : value;
  return JSON.stringify(value)?.slice(0, 200) ?? null;
}
