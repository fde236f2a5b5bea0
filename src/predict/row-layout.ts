import type { InputRule, ModelInput, ModelSignature, Serving } from '../protocol/model-version.ts';
import type { DType } from '../tensor/tensor.ts';
import { valueRule, type ValueRule } from './value-rule.ts';

/** How the values of one row fill one input. */
export interface InputLayout {
  readonly name: string;
  readonly dtype: DType;
  /** Whether rows lie along the first dimension; otherwise a row is the whole tensor. */
  readonly hasRows: boolean;
  /** Dimensions of one row; null is a free one. */
  readonly rowDims: readonly (number | null)[];
  /** Values of one row; null when a free dimension leaves it open. */
  readonly width: number | null;
  readonly nullable: boolean;
  /** Names of the values, when they have some. */
  readonly features: readonly string[] | undefined;
  /** What its values must be beyond their type. */
  readonly rule: ValueRule | undefined;
}

/** Everything about a signature that reading rows needs, worked out once per version. */
export interface RowLayout {
  readonly inputs: readonly InputLayout[];
  /** Whether several rows may share one run. */
  readonly together: boolean;
  /** Names of all values of a row, in order; places where there are no names. */
  readonly columns: readonly string[];
  /** Columns that callers may send and nothing reads: by name, and by their places in a list. */
  readonly unused: { readonly names: ReadonlySet<string>; readonly places: ReadonlySet<number> };
  /** Where a record's key leads: an input, and the place in it (null: the whole input). */
  readonly keys: ReadonlyMap<string, { readonly input: number; readonly at: number | null }>;
}

export function rowLayout(
  signature: ModelSignature,
  together: boolean,
  rules: Serving['rules'] = {},
): RowLayout {
  const inputs = signature.inputs.map((input) => inputLayout(input, ruleOf(rules, input)));
  const keys = new Map<string, { input: number; at: number | null }>();
  for (const [input, { name }] of inputs.entries()) keys.set(name, { input, at: null });
  for (const [input, { features }] of inputs.entries())
    for (const [at, feature] of (features ?? []).entries()) keys.set(feature, { input, at });
  return {
    inputs,
    together,
    columns: inputs.flatMap(columnsOf),
    unused: {
      names: new Set(signature.unused?.map(({ name }) => name)),
      places: new Set(signature.unused?.map(({ at }) => at)),
    },
    keys,
  };
}

function ruleOf(
  rules: Readonly<Record<string, InputRule>>,
  { name }: ModelInput,
): ValueRule | undefined {
  return Object.hasOwn(rules, name) && rules[name] ? valueRule(rules[name]) : undefined;
}

function inputLayout(
  { name, dtype, shape, features, nullable }: ModelInput,
  rule: ValueRule | undefined,
): InputLayout {
  const [first] = shape;
  const hasRows = shape.length > 0 && (typeof first !== 'number' || first === 1);
  const rowDims = (hasRows ? shape.slice(1) : shape).map((dim) =>
    typeof dim === 'number' ? dim : null,
  );
  const fixed = rowDims.every((dim) => dim !== null);
  const width = fixed ? rowDims.reduce<number>((size, dim) => size * (dim ?? 1), 1) : null;
  return {
    name,
    dtype,
    hasRows,
    // The names of the columns say how wide an open row is.
    rowDims: width === null && rowDims.length === 1 && features ? [features.length] : rowDims,
    width: width ?? (rowDims.length === 1 && features ? features.length : null),
    nullable: nullable ?? false,
    features: features ?? (width === 1 ? [name] : undefined),
    rule,
  };
}

function columnsOf({ name, width, features }: InputLayout): string[] {
  if (features) return [...features];
  return Array.from({ length: Math.min(width ?? 0, 1000) }, (_, at) => `${name}[${at}]`);
}
