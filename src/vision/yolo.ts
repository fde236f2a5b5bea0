import type { DetectedObject } from '../protocol/object.ts';
import { boxFrom } from './box-format.ts';
import { ObjectRule } from './object-rule.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputTensor } from './output-tensor.ts';

const BOX = 4;

/**
 * YOLO's candidates to objects in pixels of the model's input, best first; boxes are not clipped. Each candidate counts
 * as its best class alone, and objects of a class suppress each other: `non_max_suppression` of
 * Ultralytics with its defaults.
 * @throws FoveaError MODEL_INVALID when the output is missing or not of the manifest's shape
 */
export const decodeYolo: OutputDecoder<'yolo', DetectedObject[]> = (
  outputs,
  { output, labels, thresholds },
) => {
  const rule = new ObjectRule(labels, thresholds);
  const classesFrom = output.objectness ? BOX + 1 : BOX;
  const values = classesFrom + rule.labels.length + (output.extra ?? 0);
  const last = output.order === 'candidates-last';
  const shape = last ? [1, values, -1] : [1, -1, values];
  const { data, dims } = outputTensor(outputs, output.predictions, shape);
  const count = dims[last ? 2 : 1] ?? 0;
  const layout: Layout = {
    data,
    count,
    classesFrom,
    classes: rule.labels.length,
    perValue: last ? count : 1,
    perCandidate: last ? 1 : values,
  };
  const { scores, ids } = output.objectness ? weighed(layout, rule.lowest) : bestClasses(layout);
  const found: DetectedObject[] = [];
  for (let index = 0; index < count; index++) {
    const score = scores[index] ?? 0;
    if (!(score > rule.lowest)) continue;
    const at = index * layout.perCandidate;
    const value = (place: number): number => data[at + place * layout.perValue] ?? Number.NaN;
    const box = boxFrom('cxcywh', value(0), value(1), value(2), value(3));
    const object = rule.take(ids[index] ?? -1, score, box);
    if (object) found.push(object);
  }
  return rule.suppress(found);
};

interface Layout {
  readonly data: Float32Array;
  readonly count: number;
  readonly classesFrom: number;
  readonly classes: number;
  /** Steps in `data` from one value to the next, and from one candidate to the next. */
  readonly perValue: number;
  readonly perCandidate: number;
}

interface Best {
  readonly scores: Float32Array;
  readonly ids: Int32Array;
}

/** Each candidate's best class; the first of equal ones. Class by class, which is how the data lie. */
function bestClasses({ data, count, classesFrom, classes, perValue, perCandidate }: Layout): Best {
  const scores = new Float32Array(count).fill(-Infinity);
  const ids = new Int32Array(count);
  for (let id = 0; id < classes; id++) {
    const start = (classesFrom + id) * perValue;
    for (let index = 0, at = start; index < count; index++, at += perCandidate) {
      const score = data[at] ?? 0;
      if (score > (scores[index] ?? 0)) {
        scores[index] = score;
        ids[index] = id;
      }
    }
  }
  return { scores, ids };
}

/** The same with objectness; what is surely no object is not looked at further. Products are float32. */
function weighed(layout: Layout, lowest: number): Best {
  const { data, count, classesFrom, classes, perValue, perCandidate } = layout;
  const scores = new Float32Array(count).fill(-Infinity);
  const ids = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    const start = index * perCandidate;
    const objectness = data[start + BOX * perValue] ?? 0;
    if (!(objectness > lowest)) continue;
    for (let id = 0; id < classes; id++) {
      const score = Math.fround(objectness * (data[start + (classesFrom + id) * perValue] ?? 0));
      if (score > (scores[index] ?? 0)) {
        scores[index] = score;
        ids[index] = id;
      }
    }
  }
  return { scores, ids };
}
