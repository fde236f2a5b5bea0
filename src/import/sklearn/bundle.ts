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

/** What a file of an upload is for. JSON-safe. */
export interface PartRole {
  readonly file: string;
  readonly class: string;
  readonly role: 'transformer' | 'model' | 'labels';
}

/** The files of an upload as one chain: transformers, then what predicts, then the names of its labels. */
export interface Chain {
  readonly transformers: readonly Fitted[];
  readonly model: Fitted | undefined;
  readonly labels: Fitted | undefined;
  /** In the order in which they are used. */
  readonly roles: readonly PartRole[];
  /** scikit-learn's, of the first file that names one. */
  readonly version: string | undefined;
}

/**
 * The order of kinds, or of the numbers that all files begin with. Two transformers of a kind are
 * refused without numbers, two models always.
 */
export function chainOf(parts: readonly Part[], predicts: (model: Fitted) => boolean): Chain {
  const labels = parts.filter(({ model }) => model.type === 'LabelEncoder');
  const others = parts.filter(({ model }) => model.type !== 'LabelEncoder');
  const models = others.filter(({ model }) => predicts(model));
  if (labels.length > 1) throw ambiguous(labels, severalEncoders);
  if (models.length > 1) throw ambiguous(models, severalModels);
  const transformers = ordered(others.filter(({ model }) => !predicts(model)));
  // A lone label encoder has nothing to name.
  if (labels[0] && !models[0])
    throw labels[0].model.refusal(
      'a label encoder names the labels of a classifier, and there is none',
      'upload the model with it',
    );
  return {
    transformers: transformers.map(({ model }) => model),
    model: models[0]?.model,
    labels: labels[0]?.model,
    roles: [
      ...transformers.map((part) => roleOf(part, 'transformer')),
      ...models.map((part) => roleOf(part, 'model')),
      ...labels.map((part) => roleOf(part, 'labels')),
    ],
    version: parts.find(({ version }) => version !== undefined)?.version,
  };
}

const severalModels =
  'upload one model at a time, or join them in a VotingClassifier or a Pipeline and save that';
const severalEncoders =
  'only the encoder of the labels belongs in an upload; encode columns by an OrdinalEncoder in a ColumnTransformer, saved with the model as one Pipeline';
const severalOfAKind =
  'name the files after their order, such as 1-scaler.pkl, 2-pca.pkl, 3-model.pkl, or put the steps into one sklearn Pipeline and save that';

function ordered(transformers: readonly Part[]): readonly Part[] {
  const numbers = transformers.map(({ file }) => numberOf(file));
  if (numbers.every((number) => number !== undefined) && new Set(numbers).size === numbers.length)
    return transformers.toSorted((a, b) => (numberOf(a.file) ?? 0) - (numberOf(b.file) ?? 0));
  const sorted = transformers.toSorted((a, b) => rankOf(a.model) - rankOf(b.model));
  sorted.forEach((part, i) => {
    const next = sorted[i + 1];
    if (next && rankOf(next.model) === rankOf(part.model))
      throw ambiguous([part, next], severalOfAKind);
  });
  return sorted;
}

/** The number that a file's name begins with. */
function numberOf(file: string): number | undefined {
  const [, digits] = /^(\d{1,3})(?!\d)/.exec(file) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function roleOf({ file, model }: Part, role: PartRole['role']): PartRole {
  return { file, class: model.record.cls.qualifiedName, role };
}

function ambiguous(parts: readonly Part[], advice: string): Refusal {
  const files = parts.map(({ file, model }) => `${file} (${model.type})`).join(' and ');
  return new Refusal(
    parts.map(({ model }) => ({
      class: model.record.cls.qualifiedName,
      place: model.place,
      reason: `the order of ${files} cannot be told from their kinds`,
      advice,
    })),
  );
}
