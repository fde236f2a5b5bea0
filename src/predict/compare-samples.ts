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
  readonly classes: (target: string | undefined) => readonly string[];
}

/** Compares what a model answers with what its author says it answers. Lists may stand for records, in the model's order. */
export function compareSamples(
  signature: ModelSignature,
  samples: ModelSamples,
  decoded: DecodedRows,
  tolerance: number,
): Comparison {
  const names = namesOf(signature);
  const found = new Differences(tolerance);
  const exact = signature.outputs.some(({ role }) => role === 'label' || role === 'probabilities');
  samples.predictions?.forEach((expected, row) => {
    const list = (value: unknown) => ordered(value, names.targets);
    found.compare(row, 'predictions', list(expected), list(decoded.predictions[row]), exact);
  });
  samples.probabilities?.forEach((expected, row) => {
    const { targets, classes } = names;
    const actual = decoded.probabilities?.[row];
    if (targets.length === 0) {
      const list = (value: unknown) => ordered(value, classes(undefined));
      found.compare(row, 'probabilities', list(expected), list(actual), false);
      return;
    }
    const [wanted, given] = [ordered(expected, targets), ordered(actual, targets)];
    targets.forEach((target, at) => {
      const list = (value: unknown) => ordered(entry(value, at), classes(target));
      found.compare(row, `probabilities.${target}`, list(wanted), list(given), false);
    });
  });
  return found.result(samples.inputs.length);
}

function namesOf({ outputs, classes }: ModelSignature): Names {
  const targets = [...new Set(outputs.flatMap(({ target }) => target ?? []))];
  const width = outputs.find(({ role }) => role === 'probabilities')?.shape[1];
  const unnamed = Array.from({ length: typeof width === 'number' ? width : 0 }, (_, i) => `${i}`);
  return {
    targets,
    classes: (target) =>
      target === undefined
        ? (classes?.map(String) ?? unnamed)
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
    if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
      expected.forEach((each, at) =>
        this.compare(row, `${value}[${at}]`, each, actual[at] as unknown, exact),
      );
      return;
    }
    this.#values += 1;
    const difference = distance(expected, actual, exact);
    if (difference <= this.#greatest) return;
    this.#greatest = difference;
    this.#worst = {
      row,
      value,
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
