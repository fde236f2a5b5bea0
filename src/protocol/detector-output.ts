import { z } from 'zod';

const activation = z.enum(['none', 'sigmoid', 'softmax']);
/** `cxcywh`: centre and size; `yxyx`: y1, x1, y2, x2. */
const boxFormat = z.enum(['xyxy', 'yxyx', 'cxcywh']);
/** `pixels` of the input, or `unit`: 0 to 1 over its sides. */
const boxScale = z.enum(['pixels', 'unit']);

/**
 * Finished detections, a row each: [1, n, 6 + extra] or [n, 6 + extra]. `box-score-class` is box, score, class index;
 * `batch-box-class-score` is picture, box, class index, score (YOLOv7's end-to-end export), 7 values. Rows of
 * zeros are padding.
 */
const rowsOutput = z.object({
  decoder: z.literal('rows'),
  boxes: z.string(),
  columns: z.enum(['box-score-class', 'batch-box-class-score']).optional(),
  format: boxFormat.optional().describe('`xyxy` when left out.'),
  scale: boxScale.optional().describe('`pixels` when left out.'),
  extra: z
    .int()
    .min(0)
    .max(4096)
    .optional()
    .describe('Values after the first six, which are not read: mask coefficients, keypoints.'),
  suppress: z
    .boolean()
    .optional()
    .describe(
      'false: the model has no double boxes, as when NMS is part of it or it is end-to-end.',
    ),
});
export type RowsOutput = z.infer<typeof rowsOutput>;

/**
 * YOLO before suppression. With `objectness` (v5, v6, v7) a candidate is cx, cy, w, h, objectness, one score per class,
 * and its score is objectness times class score; without (v8, v9, v11, v12, v26) it is cx, cy, w, h, one score per
 * class. Scores are probabilities, boxes pixels of the input. `candidates-last` is [1, values, n],
 * `candidates-first` [1, n, values].
 */
const yoloOutput = z.object({
  decoder: z.literal('yolo'),
  predictions: z.string(),
  objectness: z.boolean(),
  order: z.enum(['candidates-last', 'candidates-first']),
  extra: z
    .int()
    .min(0)
    .max(4096)
    .optional()
    .describe('Values after the classes, which are not read: mask coefficients, keypoints.'),
});

/**
 * NanoDet: per stride a grid of ceil(side / stride) cells, row by row. `scores` holds one score per class and cell, `boxes`
 * a distribution over `bins` distances (in strides) for left, top, right and bottom. `joined` is one tensor of all
 * strides in order, scores before distances. A cell's point is (column + centre) * stride: 0 for NanoDet-Plus, 0.5 before it.
 */
const nanodetOutput = z.object({
  decoder: z.literal('nanodet'),
  bins: z.int().min(2).max(64),
  centre: z.union([z.literal(0), z.literal(0.5)]),
  activation: z.enum(['none', 'sigmoid']),
  joined: z.string().optional(),
  scales: z
    .array(
      z.object({
        stride: z.int().positive(),
        scores: z.string().optional(),
        boxes: z.string().optional(),
      }),
    )
    .min(1)
    .max(8),
});
export type NanodetOutput = z.infer<typeof nanodetOutput>;

/**
 * SSD. With `classes`, finished detections: `boxes` [1, n, 4], `scores` [1, n] and `classes` [1, n], the leading 1 optional.
 * Without, `scores` [1, n, classes] before suppression, the background before the classes with `background`. With
 * `priors`, boxes are offsets from prior boxes: per map a grid row by row, the boxes' [width, height] (0 to 1)
 * centred in each cell; offsets of the centre are in `variances[0]` of the prior's size, the logarithm of the size in
 * `variances[1]`.
 */
const ssdOutput = z.object({
  decoder: z.literal('ssd'),
  boxes: z.string(),
  scores: z.string(),
  classes: z.string().optional(),
  first_class: z.int().min(0).max(1).optional().describe('Number of the first label in `classes`.'),
  background: z.boolean().optional(),
  activation,
  format: boxFormat,
  scale: boxScale,
  priors: z
    .object({
      variances: z.tuple([z.number().positive(), z.number().positive()]),
      maps: z
        .array(
          z.object({
            columns: z.int().min(1).max(512),
            rows: z.int().min(1).max(512),
            boxes: z
              .array(z.tuple([z.number().positive(), z.number().positive()]))
              .min(1)
              .max(32),
          }),
        )
        .min(1)
        .max(16),
    })
    .optional(),
});
export type SsdOutput = z.infer<typeof ssdOutput>;

/**
 * DETR and its kin: `boxes` [1, queries, 4] as cx, cy, w, h from 0 to 1, `scores` [1, queries, classes]; without
 * `scores`, the scores follow the box in the same row. `none` with `softmax`: a last class means nothing is there.
 * `best` takes each query's best class; `all` the best pairs of query and class, as many as there are queries.
 */
const detrOutput = z.object({
  decoder: z.literal('detr'),
  boxes: z.string(),
  scores: z.string().optional(),
  activation,
  none: z.boolean(),
  take: z.enum(['best', 'all']),
});
export type DetrOutput = z.infer<typeof detrOutput>;

/** What detectors give, by decoder. */
export const detectorOutputs = [
  rowsOutput,
  yoloOutput,
  nanodetOutput,
  ssdOutput,
  detrOutput,
] as const;
