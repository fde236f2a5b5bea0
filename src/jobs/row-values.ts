import type { ModelInput, ModelSignature } from '../protocol/model-version.ts';
import type { InputRow } from './row-predictor.ts';

type CellType = Pick<ModelInput, 'dtype' | 'nullable'>;

/** What a row of a file is for a model: the columns it knows, as values of their types. */
export type RowReader = (row: InputRow) => unknown;

/**
 * A reader for one model. Columns are found by name, and others are left out: they are in the
 * result all the same. When the file has none of the model's names, columns count by their place.
 */
export function rowReader(signature: ModelSignature): RowReader {
  const { inputs } = signature;
  const types = new Map(inputs.flatMap(namedTypes));
  const [first] = inputs;
  const only: CellType = first !== undefined && inputs.length === 1 ? first : { dtype: 'float64' };
  const listed = typesInOrder(signature);
  return (row) => {
    const fields = row.kind === 'text' ? row.cells : row.value;
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fields;
    const known = Object.entries(fields).filter(([name]) => types.has(name));
    if (row.kind === 'json') return known.length === 0 ? fields : Object.fromEntries(known);
    if (known.length === 0)
      return Object.values(row.cells).map((text, at) => valueOf(text, listed[at] ?? only));
    return Object.fromEntries(
      known.map(([name, text]) => [name, valueOf(String(text), types.get(name) ?? only)]),
    );
  };
}

function namedTypes(input: ModelInput): [string, CellType][] {
  return (input.features ?? [input.name]).map((column) => [column, input]);
}

/** The types of the columns of a list; what stands in an unused one is text that nobody reads. */
function typesInOrder({ inputs, unused = [] }: ModelSignature): CellType[] {
  const types = inputs.flatMap(namedTypes).map(([, type]) => type);
  for (const { at } of unused.toSorted((a, b) => a.at - b.at)) types.splice(at, 0, anyText);
  return types;
}

const anyText: CellType = { dtype: 'string' };
const numeric = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const truths: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  '1': true,
  '0': false,
};

/**
 * What cannot be read stays text: the model's complaint then shows it. An empty cell is a missing
 * value, but where the model knows none it is a text without characters.
 */
function valueOf(text: string, { dtype, nullable }: CellType): unknown {
  if (dtype === 'string') return text === '' && nullable ? null : text;
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (dtype === 'bool') return truths[trimmed.toLowerCase()] ?? trimmed;
  // As pandas writes them.
  if (dtype.startsWith('float') && /^(true|false)$/i.test(trimmed))
    return trimmed.toLowerCase() === 'true';
  // Whole numbers beyond 2^53 survive as text only.
  if (dtype === 'int64' && /^-?\d+$/.test(trimmed)) return trimmed;
  return numeric.test(trimmed) ? Number(trimmed) : trimmed;
}
