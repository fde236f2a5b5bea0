import { NdArray, asItems } from '../records.ts';
import { categoryOf } from '../fitted/categories.ts';
import type { Category } from '../fitted/categories.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { numberOf } from '../fitted/fitted.ts';

/** `categories_` of an encoder, one list per column; None and NaN are null. */
export function categoryLists(model: Fitted, columns: number): Category[][] {
  const lists = model.items('categories_');
  if (lists.length !== columns)
    throw model.refusal(`it has categories for ${lists.length} columns and gets ${columns}`);
  return lists.map((list, i) =>
    asItems(list, `categories_[${i}] of ${model.place}`).map((item) => {
      const found = categoryOf(item);
      if (found === undefined)
        throw model.refusal(`categories_[${i}] has values that are neither words nor numbers`);
      return found;
    }),
  );
}

/** Which column of each feature is left out, after infrequent categories are grouped. */
export function droppedColumns(model: Fitted, features: number): (number | undefined)[] {
  const name = ['_drop_idx_after_grouping', 'drop_idx_'].find((key) => model.has(key));
  if (name === undefined) return [];
  const found = model.items(name).map((item) => numberOf(item));
  if (found.length !== features)
    throw model.refusal(`${name} has ${found.length} values for ${features} features`);
  return found;
}

/** Category to column, where infrequent ones share the last; undefined where nothing is grouped. */
export function infrequentMapping(model: Fitted, feature: number): readonly number[] | undefined {
  if (!model.flag('_infrequent_enabled')) return undefined;
  const mapping = model.items('_default_to_infrequent_mappings')[feature];
  return mapping instanceof NdArray ? [...mapping.numbers()] : undefined;
}
