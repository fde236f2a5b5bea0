import type { Point } from '../protocol/image.ts';
import type { YoloFaceOutput } from '../protocol/model-manifest.ts';
import type { Detection } from './detection.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputTensor, type OutputTensors } from './output-tensor.ts';

const POINTS = 5;

/** Where the numbers of a candidate are: how many it has, and number `index` of candidate `row`. */
interface Table {
  readonly rows: number;
  readonly at: (row: number, index: number) => number;
}

/**
 * YOLO outputs to candidates in pixels of the model's input, not suppressed; landmarks as decodeScrfd has them.
 * Layouts: yolov5-face (deepcam-cn), score = objectness x class; YOLOv8 pose with five points, whose visibility is
 * not used.
 * @throws FoveaError MODEL_INVALID when the output is missing or not of the manifest's shape
 */
export const decodeYoloFace: OutputDecoder<'yolo-face', Detection[]> = (
  outputs,
  { output, thresholds },
) => {
  const { rows, at } = tableOf(outputs, output);
  const isV5 = output.layout === 'v5';
  const step = isV5 ? 2 : output.point_values;
  const found: Detection[] = [];
  for (let row = 0; row < rows; row++) {
    const score = at(row, 4) * (isV5 ? at(row, 5 + 2 * POINTS) : 1);
    // Written so that NaN is left out too.
    if (!(score >= thresholds.score)) continue;
    const [cx, cy, halfWidth, halfHeight] = [
      at(row, 0),
      at(row, 1),
      at(row, 2) / 2,
      at(row, 3) / 2,
    ];
    const landmarks = Array.from({ length: POINTS }, (_, index): Point => [
      at(row, 5 + step * index),
      at(row, 6 + step * index),
    ]);
    found.push({
      score: Math.min(1, score),
      box: [cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight],
      landmarks,
    });
  }
  return found.filter(({ box, landmarks }) => [...box, ...landmarks.flat()].every(Number.isFinite));
};

function tableOf(outputs: OutputTensors, output: YoloFaceOutput): Table {
  if (output.layout === 'v5') {
    const values = 6 + 2 * POINTS;
    const { data, dims } = outputTensor(outputs, output.rows, [1, -1, values]);
    return { rows: dims[1] ?? 0, at: (row, index) => data[row * values + index] ?? 0 };
  }
  const values = 5 + output.point_values * POINTS;
  const { data, dims } = outputTensor(outputs, output.rows, [1, values, -1]);
  const rows = dims[2] ?? 0;
  return { rows, at: (row, index) => data[index * rows + row] ?? 0 };
}
