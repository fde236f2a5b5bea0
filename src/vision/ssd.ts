import { FoveaError } from '../errors.ts';
import type { SsdOutput } from '../protocol/detector-output.ts';
import type { Box } from '../protocol/image.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { activated } from './activation.ts';
import { boxFrom, boxInInput } from './box-format.ts';
import { clipBox } from './letterbox.ts';
import { ObjectRule } from './object-rule.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputMatrix } from './output-matrix.ts';

/**
 * SSD's outputs to objects in pixels of the model's input, best first, clipped to it. Finished detections are taken as they are;
 * before suppression, every class of a box counts by itself (Liu et al. 2016; torchvision's
 * `SSD.postprocess_detections`).
 * @throws FoveaError MODEL_INVALID when an output is missing or not of the manifest's shape
 */
export const decodeSsd: OutputDecoder<'ssd', DetectedObject[]> = (
  outputs,
  { input, output, labels, thresholds },
) => {
  const rule = new ObjectRule(labels, thresholds);
  const { classes, format, scale } = output;
  const rows = outputMatrix(outputs, output.boxes, 4);
  const priors = output.priors && priorBoxes(output.priors, rows.length);
  const boxes = rows.map((row, index) => {
    const [a = 0, b = 0, c = 0, d = 0] = row;
    const prior = priors?.[index];
    const read =
      output.priors && prior
        ? offsetFrom(prior, output.priors.variances, row)
        : boxFrom(format, a, b, c, d);
    return clipBox(boxInInput(read, scale, input), input.width, input.height);
  });
  if (classes !== undefined) {
    const first = output.first_class ?? 0;
    const ids = outputMatrix(outputs, classes, 1, rows.length);
    const scores = outputMatrix(outputs, output.scores, 1, rows.length);
    const found = boxes.flatMap((box, index) => {
      const id = Math.round(ids[index]?.[0] ?? -1) - first;
      return rule.take(id, scores[index]?.[0] ?? 0, box) ?? [];
    });
    return rule.best(found);
  }
  const background = output.background === true ? 1 : 0;
  const activate = activated(output.activation);
  const found: DetectedObject[] = [];
  const all = outputMatrix(outputs, output.scores, rule.labels.length + background, rows.length);
  for (const [index, logits] of all.entries()) {
    const scores = activate(logits);
    const box = boxes[index] ?? [0, 0, 0, 0];
    for (let id = 0; id < rule.labels.length; id++) {
      const object = rule.take(id, scores[id + background] ?? 0, box);
      if (object) found.push(object);
    }
  }
  return rule.suppress(found);
};

type Priors = NonNullable<SsdOutput['priors']>;
/** Centre and size, 0 to 1. */
type Prior = readonly [x: number, y: number, width: number, height: number];

function priorBoxes({ maps }: Priors, count: number): Prior[] {
  const priors = maps.flatMap(({ columns, rows, boxes }) =>
    Array.from({ length: columns * rows }, (_, cell) => {
      const x = ((cell % columns) + 0.5) / columns;
      const y = (Math.floor(cell / columns) + 0.5) / rows;
      return boxes.map(([width, height]): Prior => [x, y, width, height]);
    }).flat(),
  );
  if (priors.length === count) return priors;
  throw new FoveaError(
    'MODEL_INVALID',
    `The manifest describes ${priors.length} prior boxes; the model gives ${count}.`,
    { priors: priors.length, boxes: count },
  );
}

function offsetFrom(
  [x, y, width, height]: Prior,
  [centre, size]: Priors['variances'],
  [dx = 0, dy = 0, dw = 0, dh = 0]: Float32Array,
): Box {
  return boxFrom(
    'cxcywh',
    x + dx * centre * width,
    y + dy * centre * height,
    width * Math.exp(dw * size),
    height * Math.exp(dh * size),
  );
}
