import { z } from 'zod';
import { modelReference, stageTimings } from './analysis.ts';
import { labelScore } from './object.ts';

const vector = z.array(z.number()).describe('Of length 1: compare by dot product.');

/** Answer of `embed/image`. */
export const imageEmbeddings = z
  .object({
    embeddings: z
      .array(
        z.object({
          image_id: z.string().nullable().describe('Of an image that was kept before.'),
          embedding: vector,
          cached: z.boolean(),
        }),
      )
      .describe('One per image, in their order: files, then ids, then URLs.'),
    dimensions: z.int(),
    model: modelReference.describe(
      'Embeddings of another `digest` must not be compared with these.',
    ),
    timings_ms: stageTimings,
  })
  .meta({ id: 'ImageEmbeddings' });

/** Most texts, and characters of each, of one request. */
const mostTexts = 256;
const mostCharacters = 2000;

export const embedTextsRequest = z
  .object({
    texts: z
      .array(z.string().max(mostCharacters))
      .min(1)
      .max(mostTexts)
      .describe('What is longer than the model reads is cut.'),
  })
  .meta({ id: 'EmbedTextsRequest' });

/** Answer of `embed/text`. */
export const textEmbeddings = z
  .object({
    embeddings: z.array(z.object({ embedding: vector })).describe('In the order of the texts.'),
    cached: z.boolean(),
    dimensions: z.int(),
    model: modelReference.describe(
      'Embeddings of another `digest` must not be compared with these.',
    ),
    timings_ms: stageTimings,
  })
  .meta({ id: 'TextEmbeddings' });

/** What a label is put into unless a request or the like says otherwise. */
export const defaultTemplate = 'a photo of {}';

/** Answer of `zero-shot`. */
export const zeroShot = z
  .object({
    labels: z
      .array(
        labelScore.extend({
          similarity: z.number().describe('Cosine of image and label, -1 to 1.'),
        }),
      )
      .describe('Best first; the scores add up to 1.'),
    cached: z.boolean(),
    model: modelReference,
    timings_ms: stageTimings,
  })
  .meta({ id: 'ZeroShot' });
