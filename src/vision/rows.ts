import type { RowsOutput } from '../protocol/detector-output.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { boxFrom, boxInInput } from './box-format.ts';
import { ObjectRule } from './object-rule.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputMatrix } from './output-matrix.ts';

/** Where in a row the values are. */
const PLACES: Readonly<
  Record<
    NonNullable<RowsOutput['columns']>,
    { values: number; box: number; score: number; id: number }
  >
> = {
  'box-score-class': { values: 6, box: 0, score: 4, id: 5 },
  'batch-box-class-score': { values: 7, box: 1, score: 6, id: 5 },
};

/**
 * Rows of finished detections to objects in pixels of the model's input, best first; boxes are not
 * clipped. Several boxes on one thing are brought down to the best one per class, unless the model has done that.
 * @throws FoveaError MODEL_INVALID also for a class that has no label
 */
export const decodeRows: OutputDecoder<'rows', DetectedObject[]> = (
  outputs,
  { input, output, labels, thresholds },
) => {
  const { columns = 'box-score-class', format = 'xyxy', scale = 'pixels', extra = 0 } = output;
  const rule = new ObjectRule(labels, thresholds);
  const { values, box: at, score, id } = PLACES[columns];
  const found: DetectedObject[] = [];
  for (const row of outputMatrix(outputs, output.boxes, values + extra)) {
    const value = (place: number): number => row[place] ?? Number.NaN;
    const read = boxFrom(format, value(at), value(at + 1), value(at + 2), value(at + 3));
    const box = boxInInput(read, scale, input);
    const object = rule.take(Math.round(value(id)), value(score), box);
    if (object) found.push(object);
  }
  return output.suppress === false ? rule.best(found) : rule.suppress(found);
};
