import { FoveaError } from '../errors.ts';
import type { NanodetOutput } from '../protocol/detector-output.ts';
import type { Box } from '../protocol/image.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { sigmoid, softmax } from './activation.ts';
import { clipBox } from './letterbox.ts';
import { ObjectRule } from './object-rule.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputMatrix } from './output-matrix.ts';
import type { OutputTensors } from './output-tensor.ts';

const SIDES = 4;

/**
 * NanoDet's outputs to objects in pixels of the model's input, best first, clipped to it as its authors do. A distance is
 * the mean of a distribution over whole numbers of strides (Li et al. 2020, generalised focal loss); every class
 * of a cell counts by itself. Formulas: `get_bboxes` of nanodet_plus_head.py and gfl_head.py (RangiLyu/nanodet).
 * @throws FoveaError MODEL_INVALID when an output is missing or not of the manifest's shape
 */
export const decodeNanodet: OutputDecoder<'nanodet', DetectedObject[]> = (
  outputs,
  { input, output, labels, thresholds },
) => {
  const rule = new ObjectRule(labels, thresholds);
  const found: DetectedObject[] = [];
  for (const { cells, stride, columns } of levelsOf(outputs, output, input, rule.labels.length)) {
    for (const [index, { scores, distances }] of cells.entries()) {
      let box: Box | undefined;
      for (let id = 0; id < scores.length; id++) {
        const raw = scores[id] ?? 0;
        const score = output.activation === 'sigmoid' ? sigmoid(raw) : raw;
        if (!(score > rule.lowest)) continue;
        const x = ((index % columns) + output.centre) * stride;
        const y = (Math.floor(index / columns) + output.centre) * stride;
        box ??= boxAround(x, y, distances, output.bins, stride, input);
        const object = rule.take(id, score, box);
        if (object) found.push(object);
      }
    }
  }
  return rule.suppress(found);
};

interface Level {
  readonly stride: number;
  readonly columns: number;
  readonly cells: readonly { readonly scores: Float32Array; readonly distances: Float32Array }[];
}

function levelsOf(
  outputs: OutputTensors,
  { joined, scales, bins }: NanodetOutput,
  { width, height }: { width: number; height: number },
  classes: number,
): Level[] {
  const values = SIDES * bins;
  const sizes = scales.map(({ stride }) => Math.ceil(width / stride) * Math.ceil(height / stride));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const rows = joined === undefined ? [] : outputMatrix(outputs, joined, classes + values, total);
  let start = 0;
  return scales.map(({ stride, scores, boxes }, index) => {
    const count = sizes[index] ?? 0;
    const columns = Math.ceil(width / stride);
    const from = start;
    start += count;
    if (joined !== undefined)
      return {
        stride,
        columns,
        cells: rows.slice(from, start).map((row) => ({
          scores: row.subarray(0, classes),
          distances: row.subarray(classes),
        })),
      };
    if (scores === undefined || boxes === undefined)
      throw new FoveaError(
        'MODEL_INVALID',
        `The manifest names no tensor of all strides, and none for stride ${stride}.`,
        { stride },
      );
    const distances = outputMatrix(outputs, boxes, values, count);
    return {
      stride,
      columns,
      cells: outputMatrix(outputs, scores, classes, count).map((row, cell) => ({
        scores: row,
        distances: distances[cell] ?? new Float32Array(values),
      })),
    };
  });
}

function boxAround(
  x: number,
  y: number,
  distances: Float32Array,
  bins: number,
  stride: number,
  { width, height }: { readonly width: number; readonly height: number },
): Box {
  const side = (index: number): number => {
    const shares = softmax(distances.subarray(index * bins, (index + 1) * bins));
    return shares.reduce((sum, share, bin) => sum + share * bin, 0) * stride;
  };
  return clipBox([x - side(0), y - side(1), x + side(2), y + side(3)], width, height);
}
