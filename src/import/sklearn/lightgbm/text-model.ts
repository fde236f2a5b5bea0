import type { Fitted } from '../fitted/fitted.ts';
import { treeProblem } from '../trees/tree.ts';
import type { CategorySplit, Tree } from '../trees/tree.ts';

export interface LgbTree extends Tree {
  readonly value: Float64Array;
}

/** A LightGBM model as its text describes it (LightGBM/src/boosting/gbdt_model_text.cpp). */
export interface TextModel {
  /** Such as `binary sigmoid:1`. */
  readonly objective: string;
  readonly treesPerIteration: number;
  readonly classes: number;
  readonly features: number;
  readonly featureNames: readonly string[];
  /** Random forests: the mean of the iterations instead of their sum. */
  readonly averaged: boolean;
  readonly trees: readonly LgbTree[];
  /** Features for which zero is missing. */
  readonly zeroIsMissing: ReadonlySet<number>;
}

type Fields = ReadonlyMap<string, string>;

/** The bits of `decision_type` (LightGBM/include/LightGBM/tree.h). */
const categoricalBit = 1;
const defaultLeftBit = 2;
const missing = { none: 0, zero: 1, nan: 2 } as const;

export function isTextModel(text: string): boolean {
  return /^tree\r?\n/.test(text);
}

export function readTextModel(model: Fitted, text: string): TextModel {
  const blocks = text.split(/\n(?=Tree=\d+\r?\n)|\nend of trees/);
  const [head = ''] = blocks;
  const header = fieldsOf(head);
  const features = integer(model, header, 'max_feature_idx') + 1;
  if (/\npandas_categorical:(?!null|\[\])/.test(text.slice(-100_000)))
    throw model.refusal(
      'it was fitted on columns of pandas categories',
      'encode the categories before',
    );
  const zeroIsMissing = new Set<number>();
  const trees = blocks
    .filter((block) => block.startsWith('Tree='))
    .map((block) => treeOf(model, fieldsOf(block), features, zeroIsMissing));
  return {
    objective: header.get('objective') ?? '',
    treesPerIteration: integer(model, header, 'num_tree_per_iteration'),
    classes: integer(model, header, 'num_class'),
    features,
    featureNames: (header.get('feature_names') ?? '').split(' '),
    averaged: /\naverage_output\r?\n/.test(head),
    trees,
    zeroIsMissing,
  };
}

function fieldsOf(block: string): Fields {
  const pairs = block.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
  });
  return new Map(pairs);
}

function integer(model: Fitted, fields: Fields, name: string): number {
  const value = Number(fields.get(name) ?? Number.NaN);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw model.refusal(`${name} of its text is ${fields.get(name) ?? 'missing'}`);
}

function numbers(fields: Fields, name: string): number[] {
  const text = fields.get(name) ?? '';
  return text === '' ? [] : text.split(' ').map(numberOf);
}

/** C++ writes `inf` and `nan`. */
function numberOf(text: string): number {
  if (/^[+-]?inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

/** Inner nodes first, then leaves: a child below zero is leaf number -child - 1. */
function treeOf(
  model: Fitted,
  fields: Fields,
  features: number,
  zeroIsMissing: Set<number>,
): LgbTree {
  if ((fields.get('is_linear') ?? '0') !== '0')
    throw model.refusal('it has linear trees', 'fit it without linear_tree');
  const leaves = integer(model, fields, 'num_leaves');
  const inner = leaves - 1;
  const leafValues = numbers(fields, 'leaf_value');
  const sized = (name: string): number[] => {
    const found = numbers(fields, name);
    if (found.length !== inner)
      throw model.refusal(`${name} of a tree has ${found.length} values for ${inner} nodes`);
    return found;
  };
  if (leafValues.length !== leaves || leafValues.some((v) => !Number.isFinite(v)))
    throw model.refusal(`leaf_value of a tree does not have ${leaves} numbers`);
  const child = (c: number) => (c < 0 ? inner - c - 1 : c);
  const pad = (values: readonly number[], filler: number) => [
    ...values,
    ...leafValues.map(() => filler),
  ];
  const [split, threshold, kinds] = [
    sized('split_feature'),
    sized('threshold'),
    sized('decision_type'),
  ];
  const categorical = kinds.map((kind) => (kind & categoricalBit) !== 0);
  kinds.forEach((kind, i) => {
    if (((kind >> 2) & 3) === missing.zero && !categorical[i]) zeroIsMissing.add(split[i] ?? 0);
  });
  const tree: LgbTree = {
    size: inner + leaves,
    left: Int32Array.from(pad(sized('left_child').map(child), -1)),
    right: Int32Array.from(pad(sized('right_child').map(child), -1)),
    feature: Int32Array.from(pad(split, 0)),
    threshold: Float64Array.from(pad(threshold, 0)),
    missingLeft: Uint8Array.from(
      pad(
        kinds.map((kind, i) => missingLeft(kind, threshold[i] ?? 0)),
        0,
      ),
    ),
    value: Float64Array.from([...split.map(() => 0), ...leafValues]),
    ...(categorical.includes(true) && {
      categories: categoriesOf(model, fields, categorical, threshold),
    }),
  };
  const problem = treeProblem(tree, features);
  if (problem !== undefined) throw model.refusal(problem);
  return tree;
}

/** Where missing values were never seen, NaN counts as 0. */
function missingLeft(kind: number, threshold: number): number {
  if (((kind >> 2) & 3) === missing.none) return Number(threshold >= 0);
  return (kind & defaultLeftBit) === 0 ? 0 : 1;
}

/** The threshold of a categorical node is the number of its set; what is in the set goes left, NaN right. */
function categoriesOf(
  model: Fitted,
  fields: Fields,
  categorical: readonly boolean[],
  threshold: readonly number[],
) {
  const bounds = numbers(fields, 'cat_boundaries');
  const words = numbers(fields, 'cat_threshold');
  return (node: number): CategorySplit | undefined => {
    if (!categorical[node]) return undefined;
    const set = threshold[node] ?? -1;
    const [from, to] = [bounds[set], bounds[set + 1]];
    if (from === undefined || to === undefined || to > words.length || to < from)
      throw model.refusal(`node ${node} of a tree has no category set`);
    const members = words
      .slice(from, to)
      .flatMap((word, i) =>
        Array.from({ length: 32 }, (_, bit) => i * 32 + bit).filter(
          (_, bit) => ((word >>> bit) & 1) === 1,
        ),
      );
    return { members, swapped: false };
  };
}
