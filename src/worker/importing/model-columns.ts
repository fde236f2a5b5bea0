import type { Category, ModelColumn, ModelInput } from '../../protocol/model-version.ts';
import type { InputHint } from './importer.ts';

const mostColumns = 1_000;
const mostValues = 20;
const longestValue = 200;

const types: Readonly<Record<ModelInput['dtype'], ModelColumn['type']>> = {
  float32: 'number',
  float64: 'number',
  int32: 'integer',
  int64: 'integer',
  uint8: 'integer',
  bool: 'boolean',
  string: 'string',
};

/** What each named feature takes, for people to read: bounded, however many features and values there are. */
export function modelColumns(
  inputs: readonly ModelInput[],
  hints: ReadonlyMap<string, InputHint> | undefined,
): ModelColumn[] {
  const columns: ModelColumn[] = [];
  for (const { name, dtype, features, nullable = false } of inputs) {
    const { kind = 'plain', allowed } = hints?.get(name) ?? {};
    const type = kind === 'plain' ? types[dtype] : kind;
    for (const feature of features ?? []) {
      if (columns.length >= mostColumns) return columns;
      columns.push({ name: feature, type, nullable, ...(allowed ? shownValues(allowed) : {}) });
    }
  }
  return columns;
}

function shownValues(allowed: readonly Category[]): Pick<ModelColumn, 'values' | 'values_total'> {
  const values = allowed
    .slice(0, mostValues)
    .map((value) => (typeof value === 'string' ? value.slice(0, longestValue) : value));
  return { values, ...(allowed.length > mostValues ? { values_total: allowed.length } : {}) };
}
