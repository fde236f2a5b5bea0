import type { Compilation, Compiler } from '../compilation.ts';
import type { Category } from '../fitted/categories.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Name } from '../graph/emitter.ts';
import type { Column, Value } from '../graph/values.ts';
import { categoryLists } from './encoder-state.ts';
import { expectKnown, grouping, matches } from './one-hot-encoder.ts';

/** The code of each category; a missing one has a code of its own, or NaN, or what was asked for. */
function codes(model: Fitted, feature: number, categories: readonly Category[]): number[] {
  // A missing category, always the last, is outside of the groups.
  const grouped = categories.filter((category) => category !== null).length;
  const { target } = grouping(model, feature, grouped);
  const missing = model.number('encoded_missing_value', Number.NaN);
  return categories.map((category, i) => (category === null ? missing : (target[i] ?? i)));
}

/** Σ match · code, with unknown categories as `unknown`; a NaN code must not spoil the sum. */
function encode(
  c: Compilation,
  model: Fitted,
  column: Column,
  feature: number,
  categories: readonly Category[],
): Name {
  const { e } = c;
  expectKnown(model, column, categories);
  const found = matches(c, model, column, categories);
  const codesOf = codes(model, feature, categories);
  const strict = model.text('handle_unknown', 'error') === 'error';
  const unknown = strict ? Number.NaN : model.number('unknown_value', Number.NaN);
  const table = e.f64([codesOf.length + 1], [...codesOf, unknown]);
  const index = e.op('ArgMax', [found], { axis: 1, keepdims: 1 });
  const known = e.op('Greater', [e.max(found), e.scalar(0)]);
  return e.op('Gather', [table, e.where(known, index, e.i64([codesOf.length], []))], { axis: 0 });
}

/** `sklearn/preprocessing/_encoders.py`, OrdinalEncoder. Gives columns, NaN among them if so fitted. */
export const ordinalEncoder: Compiler = {
  readsAny: true,
  transform(c, model, _x, raw): Value {
    const columns = c.columns(raw);
    const lists = categoryLists(model, columns.length);
    const encoded = c.each(columns, (column, i) => encode(c, model, column, i, lists[i] ?? []));
    return { kind: 'dense', name: c.e.concat(encoded), width: encoded.length };
  },
};

/**
 * `sklearn/preprocessing/_target_encoder.py`: the mean of the target per category; an unknown one is
 * the mean of all. Several classes give several columns per feature.
 */
export const targetEncoder: Compiler = {
  readsAny: true,
  transform(c, model, _x, raw): Value {
    const { e } = c;
    const columns = c.columns(raw);
    const lists = categoryLists(model, columns.length);
    const means = model.vector('target_mean_');
    const k = model.text('target_type_', '') === 'multiclass' ? means.length : 1;
    const encodings = model.vectors('encodings_', columns.length * k);
    const parts = c.each(columns, (column, i) => {
      const categories = lists[i] ?? [];
      const found = matches(c, model, column, categories);
      const unknown = e.sub(e.scalar(1), e.max(found));
      return Array.from({ length: k }, (_, j) => {
        const encoding = encodings[i * k + j] ?? new Float64Array();
        if (encoding.length !== categories.length)
          throw model.refusal(`encodings_[${i * k + j}] does not fit its categories`);
        const known = e.matmul(found, e.f64([encoding.length, 1], encoding));
        return e.add(known, e.mul(unknown, e.scalar(means[j] ?? 0)));
      });
    });
    return { kind: 'dense', name: e.concat(parts.flat()), width: columns.length * k };
  },
};
