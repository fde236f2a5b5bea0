import { z } from 'zod';
import { face } from './face.ts';

/** Milliseconds spent per stage. A stage that did not happen (a cached answer) is 0. */
export const stageTimings = z.object({
  queue: z.number(),
  decode: z.number(),
  preprocess: z.number(),
  inference: z.number(),
  postprocess: z.number(),
  total: z.number(),
});
export type StageTimings = z.infer<typeof stageTimings>;
export type Stage = Exclude<keyof StageTimings, 'total'>;

/** A model that took part in an answer; `digest` is the SHA-256 over its files' digests. */
export const modelReference = z.object({
  name: z.string(),
  version: z.string(),
  digest: z.string(),
});
export type ModelReference = z.infer<typeof modelReference>;

/** Everything that one analysis found in one image. */
export const analysis = z.object({
  image_id: z.string(),
  width: z.int().describe('Pixels, upright.'),
  height: z.int().describe('Pixels, upright.'),
  cached: z.boolean(),
  faces: z.array(face),
  timings_ms: stageTimings,
  models: z.array(modelReference),
});
export type Analysis = z.infer<typeof analysis>;
