import type { Box, Point } from '../protocol/image.ts';
import type { BlazefaceOutput } from '../protocol/model-manifest.ts';
import type { Detection } from './detection.ts';
import { suppressWeighted } from './nms.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputTensor } from './output-tensor.ts';

const KEYPOINTS = 6;
/** Per anchor: box centre and size, then x and y of every keypoint. */
const VALUES = 4 + 2 * KEYPOINTS;

type Scale = BlazefaceOutput['scales'][number];

/**
 * BlazeFace outputs to faces, in pixels of the model's input; boxes are not clipped. Landmarks are
 * right eye, left eye (the person's own), nose tip, mouth centre, right ear, left ear.
 * Formulas: MediaPipe's TensorsToDetectionsCalculator and SsdAnchorsCalculator (fixed-size anchors,
 * centres at cell + 0.5).
 * @throws FoveaError MODEL_INVALID when an output is missing or not of the manifest's shape
 */
export const decodeBlazeface: OutputDecoder<'blazeface', Detection[]> = (
  outputs,
  { input, output, thresholds },
) => {
  const candidates = output.scales.flatMap((scale) => {
    const anchors = scale.cells * scale.cells * scale.anchors;
    const scores = outputTensor(outputs, scale.scores, [1, anchors, 1]);
    const boxes = outputTensor(outputs, scale.boxes, [1, anchors, VALUES]);
    return candidatesOf(scale, scores.data, boxes.data, input, thresholds.score);
  });
  return suppressWeighted(candidates, thresholds.iou);
};

function candidatesOf(
  scale: Scale,
  scores: Float32Array,
  boxes: Float32Array,
  input: { width: number; height: number },
  threshold: number,
): Detection[] {
  const found: Detection[] = [];
  for (const [index, logit] of scores.entries()) {
    const score = 1 / (1 + Math.exp(-logit));
    // Written so that NaN is left out too.
    if (!(score >= threshold)) continue;
    const cell = Math.floor(index / scale.anchors);
    const anchorX = (((cell % scale.cells) + 0.5) / scale.cells) * input.width;
    const anchorY = ((Math.floor(cell / scale.cells) + 0.5) / scale.cells) * input.height;
    const values = boxes.subarray(index * VALUES, (index + 1) * VALUES);
    if (!values.every(Number.isFinite)) continue;
    found.push({ score, ...geometry(values, anchorX, anchorY) });
  }
  return found;
}

function geometry(
  values: Float32Array,
  anchorX: number,
  anchorY: number,
): { box: Box; landmarks: Point[] } {
  const [dx = 0, dy = 0, width = 0, height = 0] = values;
  const x = anchorX + dx;
  const y = anchorY + dy;
  const landmarks = Array.from({ length: KEYPOINTS }, (_, k): Point => [
    anchorX + (values[4 + 2 * k] ?? 0),
    anchorY + (values[5 + 2 * k] ?? 0),
  ]);
  return { box: [x - width / 2, y - height / 2, x + width / 2, y + height / 2], landmarks };
}
