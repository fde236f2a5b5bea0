import type { Box, Point } from '../protocol/image.ts';
import type { PriorBoxOutput } from '../protocol/model-manifest.ts';
import type { Detection } from './detection.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputOfRows } from './output-tensor.ts';

/** A square where a face may be: its centre and side, in pixels of the input. */
interface Prior {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/**
 * RetinaFace outputs to candidates in pixels of the model's input, not suppressed; landmarks as decodeScrfd has them.
 * Formulas: SSD (Liu et al. 2016), priors and variances of RetinaFace (Deng et al. 2020) as in its PyTorch code:
 * centre = prior + offset x variance 0 x side, size = side x exp(value x variance 1), points as the centre.
 * @throws FoveaError MODEL_INVALID when an output is missing or has not one row per prior
 */
export const decodePriorBox: OutputDecoder<'prior-box', Detection[]> = (
  outputs,
  { input, output, thresholds },
) => {
  const priors = output.priors.flatMap((level) => priorsOf(level, input));
  const boxes = outputOfRows(outputs, output.boxes, priors.length, 4);
  const scores = outputOfRows(outputs, output.scores, priors.length, 2);
  const points = outputOfRows(outputs, output.points, priors.length, 10);
  return priors.flatMap((prior, row) => {
    const score = probability(scores, row, output.activation);
    if (!(score >= thresholds.score)) return [];
    const box = boxOf(prior, boxes.subarray(4 * row, 4 * row + 4), output.variances);
    const landmarks = pointsOf(prior, points.subarray(10 * row, 10 * row + 10), output.variances);
    return [...box, ...landmarks.flat()].every(Number.isFinite) ? [{ score, box, landmarks }] : [];
  });
};

function priorsOf(
  { stride, sizes }: PriorBoxOutput['priors'][number],
  { width, height }: { readonly width: number; readonly height: number },
): Prior[] {
  const priors: Prior[] = [];
  for (let row = 0; row < Math.ceil(height / stride); row++) {
    for (let column = 0; column < Math.ceil(width / stride); column++) {
      for (const side of sizes)
        priors.push({ x: (column + 0.5) * stride, y: (row + 0.5) * stride, side });
    }
  }
  return priors;
}

/** Of being a face: the second of the two scores. */
function probability(
  scores: Float32Array,
  row: number,
  activation: PriorBoxOutput['activation'],
): number {
  const [background = 0, face = 0] = scores.subarray(2 * row, 2 * row + 2);
  return activation === 'none' ? face : 1 / (1 + Math.exp(background - face));
}

function boxOf(
  { x, y, side }: Prior,
  [dx = 0, dy = 0, dw = 0, dh = 0]: Float32Array,
  [place, size]: PriorBoxOutput['variances'],
): Box {
  const [cx, cy] = [x + dx * place * side, y + dy * place * side];
  const [halfWidth, halfHeight] = [dw, dh].map((value) => (side * Math.exp(value * size)) / 2);
  return [
    cx - (halfWidth ?? 0),
    cy - (halfHeight ?? 0),
    cx + (halfWidth ?? 0),
    cy + (halfHeight ?? 0),
  ];
}

function pointsOf(
  { x, y, side }: Prior,
  values: Float32Array,
  [place]: PriorBoxOutput['variances'],
): Point[] {
  return Array.from({ length: values.length / 2 }, (_, index): Point => [
    x + (values[2 * index] ?? 0) * place * side,
    y + (values[2 * index + 1] ?? 0) * place * side,
  ]);
}
