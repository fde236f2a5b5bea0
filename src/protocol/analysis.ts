import { z } from 'zod';
import { face } from './face.ts';
import { classScore, detectedObject, labelScore } from './object.ts';

/** What an analysis can hold. */
export const analysisPart = z
  .enum([
    'faces',
    'objects',
    'age',
    'gender',
    'emotion',
    'liveness',
    'mesh',
    'iris',
    'embedding',
    'image_embedding',
    'tags',
  ])
  .meta({ id: 'AnalysisPart' });
export type AnalysisPart = z.infer<typeof analysisPart>;

/** Milliseconds spent per stage. A stage that did not happen (a cached answer) is 0. */
export const stageTimings = z
  .object({
    queue: z.number(),
    decode: z.number(),
    preprocess: z.number(),
    inference: z.number(),
    postprocess: z.number(),
    total: z.number(),
  })
  .meta({ id: 'StageTimings' });
export type StageTimings = z.infer<typeof stageTimings>;
export type Stage = Exclude<keyof StageTimings, 'total'>;

/**
 * A model that took part in an answer; `digest` is the SHA-256 over its files' digests,
 * `inference_ms` the time of all its runs for this answer.
 */
export const modelReference = z
  .object({
    name: z.string(),
    version: z.string(),
    digest: z.string(),
    inference_ms: z.number().optional(),
  })
  .meta({ id: 'ModelReference' });
export type ModelReference = z.infer<typeof modelReference>;

/** Everything that one analysis found in one image. */
export const analysis = z
  .object({
    image_id: z.string(),
    width: z.int().describe('Pixels, upright.'),
    height: z.int().describe('Pixels, upright.'),
    cached: z.boolean(),
    faces: z.array(face).optional().describe('Best first; absent when not asked for.'),
    objects: z.array(detectedObject).optional().describe('Best first; absent when not asked for.'),
    image_embedding: z
      .array(z.number())
      .optional()
      .describe('The whole picture in the space of `embed/image`, of length 1.'),
    tags: z.array(labelScore).optional().describe('Labels that fit, best first.'),
    degraded: z
      .array(analysisPart)
      .describe('What an analysis holds by default but this one lacks, because its model failed.'),
    timings_ms: stageTimings,
    models: z.array(modelReference),
  })
  .meta({ id: 'Analysis' });
export type Analysis = z.infer<typeof analysis>;

/** Answer of `detect`. */
export const detection = z
  .object({
    detection_id: z.uuid(),
    width: z.int().nullable().describe('Pixels, upright; null when the image was not decoded.'),
    height: z.int().nullable(),
    detections: z.array(detectedObject).describe('Best first.'),
    timings_ms: stageTimings,
    models: z.array(modelReference),
    degraded: z
      .array(z.string())
      .describe('`model`: none could look, and `detections` is empty for want of one.'),
  })
  .meta({ id: 'Detection' });

/** Answer of `classify`. */
export const classification = z
  .object({
    classes: z.array(classScore).describe('Best first.'),
    timings_ms: stageTimings,
    models: z.array(modelReference),
  })
  .meta({ id: 'Classification' });
