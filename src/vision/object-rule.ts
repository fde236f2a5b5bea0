import { FoveaError } from '../errors.ts';
import type { ModelManifest } from '../protocol/model-manifest.ts';
import type { Box } from '../protocol/image.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { keepBest } from './keep-best.ts';

/** Most objects of a picture, unless the manifest says otherwise: as Ultralytics and COCO's tools have it. */
const MOST_OBJECTS = 300;

/** The manifest's thresholds, narrowed by a caller. */
export type ObjectThresholds = ModelManifest['thresholds'] & {
  /** Class ids to look for, and no others. */
  readonly only?: readonly number[];
};

/** What the manifest and the caller make of a model's candidates. */
export class ObjectRule {
  readonly labels: readonly string[];
  /** A candidate of class i counts when its score is above `least[i]`. Float32, as scores are. */
  readonly least: Float32Array;
  /** No class needs less. */
  readonly lowest: number;
  readonly #iou: number;
  readonly #most: number;

  /** @throws FoveaError MODEL_INVALID without labels: the number of classes follows from them. */
  constructor(labels: readonly string[] | undefined, thresholds: ObjectThresholds) {
    if (labels === undefined || labels.length === 0)
      throw new FoveaError('MODEL_INVALID', 'The manifest names no labels; a detector needs them.');
    const { score, class_scores: single = {}, only, iou, most = MOST_OBJECTS } = thresholds;
    const wanted = only && new Set(only);
    this.labels = labels;
    this.least = Float32Array.from(labels, (label, id) =>
      wanted?.has(id) === false ? Infinity : (single[label] ?? score),
    );
    this.lowest = this.least.reduce((low, least) => Math.min(low, least), Infinity);
    this.#iou = iou;
    this.#most = most;
  }

  /** The object, if its score is enough and its box is made of numbers. @throws FoveaError MODEL_INVALID for a class without a label. */
  take(class_id: number, score: number, box: Box): DetectedObject | undefined {
    // Written so that NaN is left out too.
    if (!(score > this.lowest)) return undefined;
    const label = this.labels[class_id];
    if (label === undefined) throw unknownClass(class_id, this.labels.length);
    const least = this.least[class_id] ?? Infinity;
    if (!(score > least) || !box.every(Number.isFinite)) return undefined;
    return { label, class_id, score, box };
  }

  /** The best of each cluster of a class. */
  suppress(candidates: readonly DetectedObject[]): DetectedObject[] {
    return keepBest(candidates, this.#iou, this.#most);
  }

  /** The best ones, for models whose boxes are one per thing. */
  best(candidates: readonly DetectedObject[]): DetectedObject[] {
    return candidates.toSorted((a, b) => b.score - a.score).slice(0, this.#most);
  }
}

function unknownClass(index: number, labels: number): FoveaError {
  return new FoveaError(
    'MODEL_INVALID',
    `The model found class ${index}; the manifest has labels for ${labels} classes.`,
    { class_id: index, labels },
  );
}
