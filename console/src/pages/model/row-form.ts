import type { ModelColumn, ModelVersion } from '../../api/types.ts';

type Signature = ModelVersion['signature'];

/** At most so many fields; wider models are for programs. */
const mostFields = 60;

/** The columns to ask for: as the importer knows them, else one per feature, else one per place. */
export function columnsOf(signature: Signature): readonly ModelColumn[] {
  if (signature.columns && signature.columns.length > 0)
    return signature.columns.slice(0, mostFields);
  return signature.inputs.flatMap(placesOf).slice(0, mostFields);
}

/** One row from the form: a record where features have names, a list of values elsewhere. */
export function rowOf(
  columns: readonly ModelColumn[],
  signature: Signature,
  form: FormData,
): unknown {
  const values = columns.map((column, i) => valueOf(column, form.get(`column ${i}`)));
  const named = signature.inputs.some(({ features }) => features);
  if (named || (signature.columns?.length ?? 0) > 0)
    return Object.fromEntries(columns.map(({ name }, i) => [name, values[i]]));
  return values.length === 1 && columns[0]?.type === 'text' ? values[0] : values;
}

function placesOf({
  name,
  dtype,
  shape,
  features,
  nullable = false,
}: Signature['inputs'][number]): ModelColumn[] {
  const type = dtype === 'string' ? 'string' : dtype === 'bool' ? 'boolean' : 'number';
  const width = shape
    .slice(1)
    .reduce<number>((all, size) => all * (typeof size === 'number' ? size : 1), 1);
  const names =
    features ?? Array.from({ length: width }, (_, i) => (width === 1 ? name : `${name} ${i + 1}`));
  return names.map((column) => ({ name: column, type, nullable }));
}

function valueOf({ type, values }: ModelColumn, entry: FormDataEntryValue | null): unknown {
  const text = typeof entry === 'string' ? entry : '';
  if (text === '') return type === 'string' || type === 'text' ? '' : null;
  if (type === 'number' || type === 'integer') return Number(text);
  if (type === 'boolean') return text === 'true';
  if (type === 'category') return values?.find((value) => String(value) === text) ?? text;
  return text;
}
