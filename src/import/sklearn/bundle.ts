import type { Fitted } from './fitted/fitted.ts';
import { Refusal } from './refusal.ts';

/** One estimator of an upload, with the file that it came from. */
export interface Part {
  readonly file: string;
  readonly model: Fitted;
  /** scikit-learn's, that it was saved with. */
  readonly version?: string;
}

/** Where a transformer usually stands in front of a model. */
const ranks: readonly (readonly [RegExp, number])[] = [
  [/Imputer$|^MissingIndicator$/, 1],
  [
    /Vectorizer$|^ColumnTransformer$|^(OneHot|Ordinal|Target)Encoder$|^Pipeline$|^FeatureUnion$|^PolynomialFeatures$/,
    2,
  ],
  [/^TfidfTransformer$/, 3],
  [/Scaler$|^Normalizer$|^Binarizer$|^QuantileTransformer$|^PowerTransformer$/, 4],
  [/./, 5],
];

const rankOf = (model: Fitted) => ranks.find(([pattern]) => pattern.test(model.type))?.[1] ?? 5;

/** The files of an upload as one chain: transformers, then what predicts, then the names of its labels. */
export interface Chain {
  readonly transformers: readonly Fitted[];
  readonly model: Fitted | undefined;
  readonly labels: Fitted | undefined;
}

/** Only the order of kinds is taken for granted; two of a kind are refused. */
export function chainOf(parts: readonly Part[], predicts: (model: Fitted) => boolean): Chain {
  const labels = parts.filter(({ model }) => model.type === 'LabelEncoder');
  const others = parts.filter(({ model }) => model.type !== 'LabelEncoder');
  // A lone label encoder has nothing to name.
  const models = others.filter(({ model }) => predicts(model));
  const transformers = others
    .filter(({ model }) => !predicts(model))
    .toSorted((a, b) => rankOf(a.model) - rankOf(b.model));
  for (const same of [models, labels]) if (same.length > 1) throw ambiguous(same);
  transformers.forEach((part, i) => {
    const next = transformers[i + 1];
    if (next && rankOf(next.model) === rankOf(part.model)) throw ambiguous([part, next]);
  });
  if (labels[0] && !models[0])
    throw labels[0].model.refusal(
      'a label encoder names the labels of a classifier, and there is none',
      'upload the model with it',
    );
  return {
    transformers: transformers.map(({ model }) => model),
    model: models[0]?.model,
    labels: labels[0]?.model,
  };
}

function ambiguous(parts: readonly Part[]): Refusal {
  const files = parts.map(({ file, model }) => `${file} (${model.type})`).join(' and ');
  return new Refusal(
    parts.map(({ model }) => ({
      class: model.record.cls.qualifiedName,
      place: model.place,
      reason: `the order of ${files} cannot be told from their kinds`,
      advice: 'put the steps into one sklearn Pipeline and save that',
    })),
  );
}
