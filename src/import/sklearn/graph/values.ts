import type { Name } from './emitter.ts';

/**
 * A column of the caller's table. Its type is what its first reader needs: a scaler makes it float64,
 * an encoder of words makes it string, a vectorizer text. A second reader that differs is refused.
 */
export interface Source {
  readonly name: string;
  type?: 'float64' | 'string' | 'text';
  /** The graph's tensor [N, 1], once something reads it. */
  tensor?: Name;
  /** False as soon as a step reads it that refuses NaN. */
  allowsMissing: boolean;
  /** The only values that scikit-learn accepts, where it raises for any other. */
  categories?: readonly (string | number | null)[];
}

/** [N, width] of float64. */
export interface Dense {
  readonly kind: 'dense';
  readonly name: Name;
  readonly width: number;
  /** What the caller sent reaches these numbers with its missing values still in it. */
  readonly sources?: readonly Source[];
}

/** Rows as pairs: `ids` int64 [N, T] of columns, `values` float64 [N, T]; id `width` is padding of value 0. */
export interface Sparse {
  readonly kind: 'sparse';
  readonly ids: Name;
  readonly values: Name;
  readonly width: number;
}

/** One column [N, 1]. */
export type Column =
  | { readonly kind: 'source'; readonly source: Source }
  | { readonly kind: 'strings'; readonly name: Name }
  | { readonly kind: 'numbers'; readonly name: Name; readonly sources?: readonly Source[] };

/** A frame: columns that may differ in type. */
export interface Columns {
  readonly kind: 'columns';
  readonly columns: readonly Column[];
}

export type Value = Dense | Sparse | Columns;

/** The labels of a classifier, in the order of its `classes_`. */
export interface Classes {
  readonly type: 'string' | 'int64' | 'float64' | 'bool';
  readonly values: readonly (string | number)[];
}

/** What an estimator says when it is asked to predict. */
export type Prediction =
  | {
      readonly kind: 'classifier';
      readonly classes: Classes;
      /** int64 [N]: the index into `classes`. */
      readonly index: Name;
      /** float64 [N, K]. */
      readonly probabilities?: Name;
      /** `decision_function`: float64 [N, scoreWidth]. */
      readonly scores?: Name;
      readonly scoreWidth?: number;
      /** float64 [N, pairs], from which `probabilities` can also be made outside (`couple.ts`). */
      readonly pairwise?: Name;
    }
  /** float64 [N, width]. */
  | { readonly kind: 'regressor'; readonly name: Name; readonly width: number }
  | {
      readonly kind: 'clusterer' | 'outlier-detector';
      /** int64 [N]. */
      readonly label: Name;
      readonly probabilities?: Name;
      readonly scores?: Name;
      readonly scoreWidth?: number;
    }
  /** Several classifiers at once; each has its own label. */
  | { readonly kind: 'multi-classifier'; readonly outputs: readonly Classifier[] };

export type Classifier = Extract<Prediction, { kind: 'classifier' }>;
export type Regressor = Extract<Prediction, { kind: 'regressor' }>;

/** Stands for a missing string. A NUL in front would end the string inside of onnxruntime. */
export const missingString = '\uE000null';
