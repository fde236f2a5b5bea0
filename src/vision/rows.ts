import { FoveaError } from '../errors.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { suppressPerClass } from './nms.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputTensor } from './output-tensor.ts';

/** x1, y1, x2, y2, score, class index. */
const VALUES = 6;

/**
 * Rows of finished detections to objects in pixels of the model's input, best first; boxes are not
 * clipped. Several boxes on one thing are brought down to the best one per class.
 * @throws FoveaError MODEL_INVALID also for a class that has no label
 */
export const decodeRows: OutputDecoder<'rows', DetectedObject[]> = (
  outputs,
  { output, labels = [], thresholds },
) => {
  const { data, dims } = outputTensor(outputs, output.boxes, [1, -1, VALUES]);
  const found: DetectedObject[] = [];
  for (let row = 0; row < (dims[1] ?? 0); row++) {
    const values = data.subarray(row * VALUES, (row + 1) * VALUES);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, score = 0, index = 0] = values;
    // Values that are no numbers are left out too.
    if (!(score >= thresholds.score) || !values.every(Number.isFinite)) continue;
    const class_id = Math.round(index);
    found.push({ label: labelOf(class_id, labels), class_id, score, box: [x1, y1, x2, y2] });
  }
  return suppressPerClass(found, thresholds.iou);
};

function labelOf(index: number, labels: readonly string[]): string {
  const label = labels[index];
  if (label !== undefined) return label;
  throw new FoveaError(
    'MODEL_INVALID',
    `The model found class ${index}; the manifest has labels for ${labels.length} classes.`,
    { class_id: index, labels: labels.length },
  );
}
