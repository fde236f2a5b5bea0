import type { Compilation, Compiler } from '../compilation.ts';
import type { Category } from '../fitted/categories.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import { missingString } from '../graph/values.ts';
import type { Column, Dense } from '../graph/values.ts';
import { categoryLists, droppedColumns, infrequentMapping } from './encoder-state.ts';

/**
 * A 1 in the column of each row's category [N, categories], as float64. None and NaN are categories
 * of their own, which `null` stands for.
 */
export function matches(
  c: Compilation,
  model: Fitted,
  column: Column,
  categories: readonly Category[],
): Name {
  const { e } = c;
  const dims = [1, categories.length];
  if (categories.some((category) => typeof category === 'string')) {
    const words = categories.map((category) =>
      category === null ? missingString : String(category),
    );
    return e.cast(e.op('Equal', [c.string(column, model), e.strings(dims, words)]), 'float64');
  }
  const name = c.number(column, model);
  const numbers = categories.map((category) => (category === null ? Number.NaN : Number(category)));
  const equal = e.op('Equal', [name, e.f64(dims, numbers)]);
  if (!categories.includes(null)) return e.cast(equal, 'float64');
  const nan = e.bools(
    dims,
    categories.map((category) => category === null),
  );
  return e.cast(e.op('Or', [equal, e.op('And', [e.op('IsNaN', [name]), nan])]), 'float64');
}

/** Where each category's 1 goes once the infrequent ones are one, and how many columns there are. */
export function grouping(model: Fitted, feature: number, count: number) {
  const mapping = infrequentMapping(model, feature);
  if (!mapping) return { target: Array.from({ length: count }, (_, i) => i), width: count };
  if (mapping.length !== count || mapping.some((to) => to < 0 || to >= count))
    throw model.refusal(`the infrequent categories of feature ${feature} do not fit`);
  return {
    target: [...mapping],
    width: mapping.reduce((most, to) => Math.max(most, to), 0) + 1,
    grouped: true,
  };
}

/** A source whose unknown categories scikit-learn refuses is marked with the known ones. */
export function expectKnown(model: Fitted, column: Column, categories: readonly Category[]): void {
  if (model.text('handle_unknown', 'error') !== 'error' || column.kind !== 'source') return;
  column.source.categories = categories;
  if (!categories.includes(null)) column.source.allowsMissing = false;
}

/** `sklearn/preprocessing/_encoders.py`. An unknown category is a row of zeros, or the infrequent one. */
export const oneHotEncoder: Compiler = {
  readsAny: true,
  transform(c, model, _x, raw): Dense {
    const columns = c.columns(raw);
    const lists = categoryLists(model, columns.length);
    const dropped = droppedColumns(model, columns.length);
    const parts = c.each(columns, (column, i) => {
      const categories = lists[i] ?? [];
      expectKnown(model, column, categories);
      const found = matches(c, model, column, categories);
      const { target, width, grouped } = grouping(model, i, categories.length);
      const gone = dropped[i] ?? undefined;
      const kept = Array.from({ length: width }, (_, k) => k).filter((k) => k !== gone);
      if (!grouped && gone === undefined) return { name: found, width };
      const unknownIsInfrequent =
        grouped && model.text('handle_unknown', '') === 'infrequent_if_exist';
      return {
        name: regrouped(c, found, target, kept, unknownIsInfrequent ? width - 1 : undefined),
        width: kept.length,
      };
    });
    const width = parts.reduce((sum, part) => sum + part.width, 0);
    return { kind: 'dense', name: c.e.concat(parts.map((part) => part.name)), width };
  },
};

/** Sums the columns of a group; where nothing matched, `unknownTo` gets the 1. */
function regrouped(
  { e }: Compilation,
  found: Name,
  target: readonly number[],
  kept: readonly number[],
  unknownTo: number | undefined,
): Name {
  const matrix = new Float64Array(target.length * kept.length);
  target.forEach((to, from) => {
    const at = kept.indexOf(to);
    if (at >= 0) matrix[from * kept.length + at] = 1;
  });
  const grouped = e.matmul(found, e.f64([target.length, kept.length], matrix));
  if (unknownTo === undefined || !kept.includes(unknownTo)) return grouped;
  const unknown = e.sub(e.scalar(1), e.max(found));
  const place = kept.map((k) => Number(k === unknownTo));
  return e.add(grouped, e.mul(unknown, e.row(place)));
}
