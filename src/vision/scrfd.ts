import type { Box, Point } from '../protocol/image.ts';
import type { ScrfdOutput } from '../protocol/model-manifest.ts';
import type { Detection } from './detection.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputOfRows, type OutputTensors } from './output-tensor.ts';

/** x and y of eyes, nose and corners of the mouth. */
const POINT_VALUES = 10;

type Scale = ScrfdOutput['scales'][number];

/** One row of a scale: its cell's centre, and the number of the row. */
interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly row: number;
}

/**
 * SCRFD outputs to candidates in pixels of the model's input, not suppressed: several passes share one suppression,
 * in pixels of the picture. Landmarks are right eye, left eye (the person's own), nose tip, right and left corner of
 * the mouth; none from models without points. Formulas: Guo et al., Sample and Computation Redistribution for
 * Efficient Face Detection, 2021, and insightface's model_zoo/scrfd.py.
 * @throws FoveaError MODEL_INVALID when an output is missing or not of the manifest's shape
 */
export const decodeScrfd: OutputDecoder<'scrfd', Detection[]> = (
  outputs,
  { input, output, thresholds },
) => output.scales.flatMap((scale) => candidatesOf(outputs, scale, input, thresholds.score));

function candidatesOf(
  outputs: OutputTensors,
  scale: Scale,
  input: { readonly width: number; readonly height: number },
  threshold: number,
): Detection[] {
  const { stride, anchors } = scale;
  const columns = Math.floor(input.width / stride);
  const rows = columns * Math.floor(input.height / stride) * anchors;
  const scores = outputOfRows(outputs, scale.scores, rows, 1);
  const boxes = outputOfRows(outputs, scale.boxes, rows, 4);
  const points =
    scale.points === undefined
      ? undefined
      : outputOfRows(outputs, scale.points, rows, POINT_VALUES);
  const found: Detection[] = [];
  for (let row = 0; row < rows; row++) {
    const score = scores[row] ?? 0;
    // Written so that NaN is left out too.
    if (!(score >= threshold)) continue;
    const cell = Math.floor(row / anchors);
    const anchor = { x: (cell % columns) * stride, y: Math.floor(cell / columns) * stride, row };
    const box = boxAt(anchor, boxes, stride);
    const landmarks = points ? pointsAt(anchor, points, stride) : [];
    if ([...box, ...landmarks.flat()].every(Number.isFinite)) found.push({ score, box, landmarks });
  }
  return found;
}

function boxAt({ x, y, row }: Anchor, boxes: Float32Array, stride: number): Box {
  const side = (index: number): number => (boxes[4 * row + index] ?? 0) * stride;
  return [x - side(0), y - side(1), x + side(2), y + side(3)];
}

function pointsAt({ x, y, row }: Anchor, points: Float32Array, stride: number): Point[] {
  const offset = (index: number): number => (points[POINT_VALUES * row + index] ?? 0) * stride;
  return Array.from({ length: POINT_VALUES / 2 }, (_, index): Point => [
    x + offset(2 * index),
    y + offset(2 * index + 1),
  ]);
}
