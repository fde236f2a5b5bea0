import type { TextStage } from './text/text-stage.ts';

export type Task = 'classifier' | 'regressor' | 'transformer' | 'clusterer' | 'outlier-detector';

export interface SignatureInput {
  /** The column, or `X` where all columns go in one tensor. */
  readonly name: string;
  /** The graph's input. Texts go through `text` first, whose `ids` and `counts` are inputs instead. */
  readonly tensor: string;
  readonly dtype: 'float64' | 'string';
  /** `N` rows; [N, features] for `X`, [N, 1] for a column, [N] for texts. */
  readonly shape: readonly (number | string)[];
  /** The columns of `X`, where the model knows their names. */
  readonly features?: readonly string[];
  /** Whether NaN (or `missingString`) is a value here; scikit-learn raises where it is not. */
  readonly allowsMissing: boolean;
  /** The only values that scikit-learn accepts here; null is a missing one. */
  readonly categories?: readonly (string | number | null)[];
  readonly text?: TextStage;
}

export interface SignatureOutput {
  readonly name: string;
  readonly dtype: 'float64' | 'int64' | 'string' | 'bool';
  readonly shape: readonly (number | string)[];
}

/** A last step outside of the graph: `coupleProbabilities(from, classes)` gives `to` [N, classes]. */
export interface Coupling {
  readonly from: string;
  readonly to: string;
  readonly classes: number;
}

/** A column of no consequence: scikit-learn wants it to be there, whatever is in it. */
export interface UnusedColumn {
  readonly name: string;
  readonly at: number;
}

/** How to call the graph. JSON-safe. */
export interface Signature {
  readonly task: Task;
  readonly inputs: readonly SignatureInput[];
  /** Columns that the model was fitted with and that no step reads, with their place among all of them. */
  readonly unused?: readonly UnusedColumn[];
  readonly outputs: readonly SignatureOutput[];
  /** Of a classifier, in the order of the columns of `probabilities`. Of several outputs: one list each. */
  readonly classes?: readonly (string | number)[];
  /** Only with the option `coupleOutside`. */
  readonly coupling?: Coupling;
  readonly classLists?: readonly (readonly (string | number)[])[];
}
