import { NdArray, PyDict, PyList, PyObject, asItems, typeName, unwrap } from '../records.ts';
import type { PyValue } from '../records.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { numberOf } from '../fitted/fitted.ts';

/** A part of a pipeline: an estimator, or one of the words 'drop' and 'passthrough'. */
export interface Step {
  readonly name: string;
  readonly value: Fitted | 'drop' | 'passthrough';
}

/** How a `ColumnTransformer` tells the columns of a step. */
export type ColumnChoice =
  | { readonly kind: 'keys'; readonly keys: readonly (string | number)[] }
  | { readonly kind: 'mask'; readonly mask: readonly boolean[] }
  | {
      readonly kind: 'slice';
      readonly start: string | number | null;
      readonly stop: string | number | null;
      readonly step: number | null;
    };

function stepOf(
  model: Fitted,
  title: PyValue | undefined,
  value: PyValue | undefined,
  word: string,
): Step {
  if (typeof title !== 'string') throw model.refusal(`a ${word} has no name`);
  if (value === null || value === 'passthrough') return { name: title, value: 'passthrough' };
  if (value === 'drop') return { name: title, value };
  return { name: title, value: model.fitted(value ?? null, `${word} '${title}'`) };
}

/** (name, estimator) tuples. */
export function namedSteps(model: Fitted, attribute: string, word: string): Step[] {
  return model.items(attribute).map((item) => {
    const [title, value] = asItems(item, `${attribute} of ${model.place}`);
    return stepOf(model, title, value, word);
  });
}

/** (name, transformer, columns) tuples of a fitted `ColumnTransformer`, the remainder among them. */
export function columnSteps(model: Fitted): (Step & { columns: ColumnChoice })[] {
  return model.items('transformers_').map((item) => {
    const [title, value, columns] = asItems(item, `transformers_ of ${model.place}`);
    const step = stepOf(model, title, value, 'column transformer step');
    return { ...step, columns: choiceOf(model, step.name, columns ?? null) };
  });
}

function choiceOf(model: Fitted, step: string, value: PyValue): ColumnChoice {
  const key = keyOf(value);
  if (key !== undefined) return { kind: 'keys', keys: [key] };
  if (value instanceof PyObject && value.name === 'slice') {
    const [start = null, stop = null, stride = null] = value.args.map(
      (part) => keyOf(part) ?? null,
    );
    return { kind: 'slice', start, stop, step: typeof stride === 'number' ? stride : null };
  }
  const items = itemsOf(value);
  if (items === undefined)
    throw model.refusal(
      `its step ${step} chooses columns by ${typeName(value)}`,
      'choose them by name',
    );
  if (items.length > 0 && items.every((item) => typeof unwrap(item) === 'boolean'))
    return { kind: 'mask', mask: items.map((item) => unwrap(item) === true) };
  return {
    kind: 'keys',
    keys: items.map((item) => {
      const found = keyOf(item);
      if (found === undefined)
        throw model.refusal(`its step ${step} chooses a column by ${typeName(item)}`);
      return found;
    }),
  };
}

/** A list, an array, or a pandas Index, which holds its labels as `data`. */
function itemsOf(value: PyValue): readonly PyValue[] | undefined {
  if (value instanceof NdArray) return value.values();
  if (value instanceof PyObject) {
    // What `remainder` chose, as a list of scikit-learn's own since 1.5.
    const own = value.attributes.get('data');
    if (own instanceof PyList) return own.items;
    const labels = value.args.find((arg) => arg instanceof PyDict)?.get('data');
    return labels instanceof NdArray ? labels.values() : undefined;
  }
  if (value === null || typeof value !== 'object' || !('items' in value)) return undefined;
  return value.items;
}

function keyOf(value: PyValue): string | number | undefined {
  const inner = unwrap(value);
  if (typeof inner === 'string') return inner;
  return typeof inner === 'boolean' || value instanceof NdArray ? undefined : numberOf(inner);
}

/** `transformer_weights`, by step name. */
export function weightsByName(model: Fitted): ReadonlyMap<string, number> {
  if (!model.has('transformer_weights')) return new Map();
  const found = model.raw('transformer_weights');
  if (!(found instanceof PyDict)) throw model.refusal('transformer_weights is not a dict');
  return new Map(
    Array.from(found.entries(), ([name, weight]) => [
      keyOf(name)?.toString() ?? '',
      numberOf(weight) ?? 1,
    ]),
  );
}
