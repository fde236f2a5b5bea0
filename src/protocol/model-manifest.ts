import { z } from 'zod';

const slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);

export const modelTask = z.enum([
  'face-detection',
  'face-attributes',
  'face-emotion',
  'face-mesh',
  'face-iris',
  'face-liveness',
  'object-detection',
  'image-classification',
]);

/** One file of a model. `source` says where it comes from: `npm:<package>@<version>/<path>`
 * or `file:<path>`; with `tfjs:` before it, the graph model's JSON from which the file is made. */
const modelFile = z.object({
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  source: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
});
export type ModelFile = z.infer<typeof modelFile>;

/**
 * How an image becomes the model's input tensor. Pixel value v (0..255) becomes (v - mean) / std.
 * `gray` is one channel, .299 R + .587 G + .114 B, with the first mean and std.
 */
const imageInput = z.object({
  name: z.string(),
  layout: z.enum(['nhwc', 'nchw']),
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.enum(['rgb', 'bgr', 'gray']),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number(), z.number(), z.number()]),
  fit: z.enum(['letterbox', 'stretch']),
  pad: z.int().min(0).max(255).default(0),
});
export type ImageInput = z.infer<typeof imageInput>;

/**
 * BlazeFace anchors, one row per output scale: a grid of `cells` x `cells`, `anchors` per cell.
 * `scores` [1, cells*cells*anchors, 1] are logits; `boxes` [1, cells*cells*anchors, 16] are
 * cx, cy, w, h and 6 keypoints as pixels of the input, relative to the anchor's centre.
 */
const blazefaceOutput = z.object({
  decoder: z.literal('blazeface'),
  scales: z.array(
    z.object({
      cells: z.int().positive(),
      anchors: z.int().positive(),
      scores: z.string(),
      boxes: z.string(),
    }),
  ),
});
export type BlazefaceOutput = z.infer<typeof blazefaceOutput>;

/** `boxes` [1, n, 6]: x1, y1, x2, y2 in pixels of the input, score, class index. Suppressed per class. */
const rowsOutput = z.object({ decoder: z.literal('rows'), boxes: z.string() });

/** `scores` [n, classes], one per label: probabilities already, or to be made so by `activation`. */
const classesOutput = z.object({
  decoder: z.literal('classes'),
  scores: z.string(),
  activation: z.enum(['none', 'softmax', 'sigmoid']),
});
export type ClassesOutput = z.infer<typeof classesOutput>;

/**
 * `age` [n, 100]: probability of each year; `gender` [n, 1]: 0 female to 1 male; `descriptor` [n, 1024]:
 * not normalised.
 */
const ageGenderOutput = z.object({
  decoder: z.literal('age-gender'),
  age: z.string(),
  gender: z.string(),
  descriptor: z.string(),
});

/** `points` [n, count * 3]: x, y, z in pixels of the input; `presence`, where there is one, [n, 1]: 0 to 1. */
const pointsOutput = z.object({
  decoder: z.literal('points'),
  points: z.string(),
  count: z.int().positive(),
  presence: z.string().optional(),
});

/** How a TensorFlow.js graph model is turned into the model's first file. */
const tfjsImport = z.object({
  /** Nodes to compute instead of the signature's outputs; what they do not need is left out. */
  outputs: z.array(z.string()).optional(),
});

/**
 * What Fovea must know to run a model; nothing is guessed from shapes. Kept beside the files as
 * `.models/<name>/<version>/manifest.json`.
 */
export const modelManifest = z.object({
  name: slug,
  version: slug,
  task: modelTask,
  description: z.string(),
  files: z.array(modelFile).min(1),
  licence: z.object({ spdx: z.string(), holder: z.string() }),
  origin: z.string().describe('Where the weights come from, for a person to follow.'),
  input: imageInput,
  output: z.discriminatedUnion('decoder', [
    blazefaceOutput,
    rowsOutput,
    classesOutput,
    ageGenderOutput,
    pointsOutput,
  ]),
  import: tfjsImport.optional(),
  labels: z.array(z.string()).optional(),
  thresholds: z.object({ score: z.number().min(0).max(1), iou: z.number().min(0).max(1) }),
  group: slug.describe('Models of one group share worker processes.'),
  load: z.enum(['eager', 'lazy', 'pinned']),
  warmup: z
    .int()
    .min(1)
    .max(10)
    .describe('Runs on a blank input before the model counts as ready.'),
});
export type ModelManifest = z.infer<typeof modelManifest>;
export type ModelTask = z.infer<typeof modelTask>;
