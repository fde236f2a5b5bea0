import type { DetrOutput } from '../protocol/detector-output.ts';
import type { DetectedObject } from '../protocol/object.ts';
import { activated } from './activation.ts';
import { boxFrom, boxInInput } from './box-format.ts';
import { ObjectRule } from './object-rule.ts';
import type { OutputDecoder } from './output-decoder.ts';
import { outputMatrix } from './output-matrix.ts';
import type { OutputTensors } from './output-tensor.ts';

/** One query: four numbers of its box, and a probability per class. */
interface Query {
  readonly box: Float32Array;
  readonly scores: ArrayLike<number>;
}

/**
 * The queries of DETR, RT-DETR and their kin to objects in pixels of the model's input, best first. No suppression: each
 * query is trained to stand for one thing. Formulas: `post_process_object_detection` of Hugging Face's
 * DetrImageProcessor (`best`, softmax) and RTDetrImageProcessor (`all`, sigmoid).
 * @throws FoveaError MODEL_INVALID when an output is missing or not of the manifest's shape
 */
export const decodeDetr: OutputDecoder<'detr', DetectedObject[]> = (
  outputs,
  { input, output, labels, thresholds },
) => {
  const rule = new ObjectRule(labels, thresholds);
  const classes = rule.labels.length;
  const queries = queriesOf(outputs, output, classes);
  const taken =
    output.take === 'best' ? bestPerQuery(queries, classes) : bestPairs(queries, classes);
  const found = taken.flatMap(({ query: { box }, id, score }) => {
    const [x = 0, y = 0, width = 0, height = 0] = box;
    const read = boxInInput(boxFrom('cxcywh', x, y, width, height), 'unit', input);
    return rule.take(id, score, read) ?? [];
  });
  return rule.best(found);
};

function queriesOf(outputs: OutputTensors, output: DetrOutput, classes: number): Query[] {
  const { boxes, scores, activation, none } = output;
  const values = classes + (none ? 1 : 0);
  const activate = activated(activation);
  if (scores === undefined)
    return outputMatrix(outputs, boxes, 4 + values).map((row) => ({
      box: row.subarray(0, 4),
      scores: activate(row.subarray(4)),
    }));
  const rows = outputMatrix(outputs, scores, values);
  return outputMatrix(outputs, boxes, 4, rows.length).map((box, index) => ({
    box,
    scores: activate(rows[index] ?? new Float32Array(values)),
  }));
}

interface Taken {
  readonly query: Query;
  readonly id: number;
  readonly score: number;
}

function bestPerQuery(queries: readonly Query[], classes: number): Taken[] {
  return queries.map((query) => {
    let id = 0;
    for (let other = 1; other < classes; other++)
      if ((query.scores[other] ?? 0) > (query.scores[id] ?? 0)) id = other;
    return { query, id, score: query.scores[id] ?? 0 };
  });
}

/** As many pairs as there are queries, best first. */
function bestPairs(queries: readonly Query[], classes: number): Taken[] {
  const pairs = queries.flatMap((query) =>
    Array.from({ length: classes }, (_, id) => ({ query, id, score: query.scores[id] ?? 0 })),
  );
  return pairs.toSorted((a, b) => b.score - a.score).slice(0, queries.length);
}
