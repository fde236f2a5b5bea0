import { z } from 'zod';

const slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);

/** One file of a model. `source` says where it comes from: `npm:<package>@<version>/<path>` or `file:<path>`. */
const modelFile = z.object({
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  source: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
});
export type ModelFile = z.infer<typeof modelFile>;

/** How an image becomes the model's input tensor. Pixel value v (0..255) becomes (v - mean) / std. */
const imageInput = z.object({
  name: z.string(),
  layout: z.enum(['nhwc', 'nchw']),
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.enum(['rgb', 'bgr']),
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

/**
 * What Fovea must know to run a model; nothing is guessed from shapes. Kept beside the files as
 * `.models/<name>/<version>/manifest.json`.
 */
export const modelManifest = z.object({
  name: slug,
  version: slug,
  task: z.enum(['face-detection']),
  description: z.string(),
  files: z.array(modelFile).min(1),
  licence: z.object({ spdx: z.string(), holder: z.string() }),
  origin: z.string().describe('Where the weights come from, for a person to follow.'),
  input: imageInput,
  output: z.discriminatedUnion('decoder', [blazefaceOutput]),
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
export type ModelTask = ModelManifest['task'];
