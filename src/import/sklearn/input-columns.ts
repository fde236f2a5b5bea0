import type { Fitted } from './fitted/fitted.ts';
import { namedSteps } from './estimators/composition-state.ts';
import { asItems } from './records.ts';

/** The columns a model was fitted on. */
export interface InputColumns {
  readonly width: number;
  readonly names?: readonly string[];
  /** One column of texts, of any name. */
  readonly isText?: true;
}

/** Attributes that hold the estimators which see the input first. */
const inner = [
  'best_estimator_',
  'estimator_',
  'estimators_',
  'calibrated_classifiers_',
  'estimator',
  'regressor_',
];
/** Attributes of estimators from before `n_features_in_` (0.24), and of other libraries. */
const counts = ['n_features_in_', '_n_features', 'n_features_', '_n_features_in', 'n_features'];

/** How a class tells its columns when its attributes do not. */
export type ColumnsOf = (model: Fitted) => InputColumns | undefined;

/** The width of the input and its names; undefined where nothing says it. */
export function inputColumns(model: Fitted, own: ColumnsOf, depth = 0): InputColumns | undefined {
  if (depth > 12) return undefined;
  if (isVectorizer(model)) return { width: 1, names: ['text'], isText: true };
  const names = model.has('feature_names_in_') ? { names: model.strings('feature_names_in_') } : {};
  const count = counts.find((name) => model.has(name));
  if (count !== undefined) return { width: model.number(count), ...names };
  if (model.has('coef_')) return { width: model.matrix('coef_').columns, ...names };
  const told = own(model);
  if (told) return told;
  for (const part of firstReaders(model)) {
    const found = inputColumns(part, own, depth + 1);
    if (found) return { ...found, ...names };
  }
  return undefined;
}

function isVectorizer(model: Fitted): boolean {
  return model.type.endsWith('Vectorizer');
}

function firstReaders(model: Fitted): Fitted[] {
  for (const [attribute, word] of [
    ['steps', 'pipeline step'],
    ['transformer_list', 'union part'],
  ] as const)
    if (model.has(attribute))
      return namedSteps(model, attribute, word).flatMap(({ value }) =>
        value instanceof Object ? [value] : [],
      );
  return inner.flatMap((name) => {
    if (!model.has(name)) return [];
    const value = model.raw(name);
    const many =
      value !== null &&
      typeof value === 'object' &&
      (value.kind === 'list' || value.kind === 'array');
    const items = many ? asItems(value, name) : [value];
    return items.flatMap((item) =>
      item !== null && typeof item === 'object' && item.kind === 'object'
        ? [model.fitted(item, name)]
        : [],
    );
  });
}
