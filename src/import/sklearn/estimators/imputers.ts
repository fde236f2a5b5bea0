import type { Compilation, Compiler } from '../compilation.ts';
import type { Category } from '../fitted/categories.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import { missingString } from '../graph/values.ts';
import type { Column, Dense, Value } from '../graph/values.ts';

/** Only NaN and None are told apart from values; another placeholder is compared with. */
function isMissing({ e }: Compilation, model: Fitted, x: Name): Name {
  const placeholder = model.number('missing_values', Number.NaN);
  return Number.isNaN(placeholder) ? e.op('IsNaN', [x]) : e.op('Equal', [x, e.scalar(placeholder)]);
}

/** Features that were empty in training are left out, unless they are kept as zeros. */
function keptFeatures(model: Fitted, statistics: readonly Category[]): number[] {
  const all = Array.from(statistics.keys());
  if (model.text('strategy') === 'constant' || model.flag('keep_empty_features')) return all;
  return all.filter((i) => statistics[i] !== null);
}

function fill(c: Compilation, model: Fitted, column: Column, value: Category): Column {
  const { e } = c;
  if (typeof value !== 'string') {
    const x = c.number(column, model);
    const name = e.where(isMissing(c, model, x), e.scalar(value ?? 0), x);
    return { kind: 'numbers', name };
  }
  const x = c.string(column, model);
  const missing = e.op('Equal', [x, e.strings([1, 1], [missingString])]);
  return { kind: 'strings', name: e.where(missing, e.strings([1, 1], [value]), x) };
}

/** `sklearn/impute/_base.py`. Columns of words stay words. */
export const simpleImputer: Compiler = {
  readsAny: true,
  missing: 'accepts',
  transform(c, model, _x, raw): Value {
    const statistics = model.mixed('statistics_');
    const kept = keptFeatures(model, statistics);
    const numeric = statistics.every((value) => typeof value !== 'string');
    if (numeric) return filledMatrix(c, model, c.dense(raw, model), statistics, kept);
    const columns = c.columns(raw);
    if (columns.length !== statistics.length)
      throw model.refusal(
        `it was fitted on ${statistics.length} columns and gets ${columns.length}`,
      );
    if (model.flag('add_indicator')) throw model.refusal('add_indicator on words is not proven');
    const chosen = kept.flatMap((i) => columns[i] ?? []);
    return {
      kind: 'columns',
      columns: chosen.map((column, i) => fill(c, model, column, statistics[kept[i] ?? 0] ?? null)),
    };
  },
};

function filledMatrix(
  c: Compilation,
  model: Fitted,
  x: Dense,
  statistics: readonly Category[],
  kept: number[],
): Dense {
  const { e } = c;
  if (x.width !== statistics.length)
    throw model.refusal(`it was fitted on ${statistics.length} columns and gets ${x.width}`);
  const missing = isMissing(c, model, x.name);
  const values = statistics.map((value) => Number(value ?? 0));
  const whole = e.where(missing, e.row(values), x.name);
  const name = kept.length === x.width ? whole : e.columns(whole, kept);
  return withIndicator(c, model, { kind: 'dense', name, width: kept.length }, missing, x.width);
}

/** Appends the 0/1 columns of `indicator_`, a fitted `MissingIndicator`. */
export function withIndicator(
  c: Compilation,
  model: Fitted,
  filled: Dense,
  missing: Name,
  width: number,
): Dense {
  if (!model.flag('add_indicator')) return filled;
  const features = model.child('indicator_').indexes('features_', width);
  const flags = c.e.cast(c.e.columns(missing, features), 'float64');
  return {
    kind: 'dense',
    name: c.e.concat([filled.name, flags]),
    width: filled.width + features.length,
  };
}

export const missingIndicator: Compiler = {
  missing: 'accepts',
  transform(c, model, x): Dense {
    const features = model.indexes('features_', x.width);
    const flags = c.e.cast(isMissing(c, model, x.name), 'float64');
    return { kind: 'dense', name: c.e.columns(flags, features), width: features.length };
  },
};
