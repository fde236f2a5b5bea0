import { z } from 'zod';
import { modelReference, stageTimings } from './analysis.ts';
import { face } from './face.ts';
import { box } from './image.ts';

/** Which of several faces is meant. */
export const faceChoice = z
  .union([z.enum(['largest', 'most_central', 'all']), z.coerce.number().int().min(0).max(10_000)])
  .meta({ id: 'FaceChoice' });

/** The same where it must be one. */
export const oneFace = z
  .union([z.enum(['largest', 'most_central']), z.coerce.number().int().min(0).max(10_000)])
  .meta({ id: 'OneFace' });

/** A recogniser. Embeddings of different digests never compare. */
export const recogniser = z
  .object({
    name: z.string(),
    version: z.string(),
    digest: z.string(),
    size: z.int().describe('Values of an embedding.'),
    threshold: z
      .number()
      .nullable()
      .describe('Similarity from which two faces count as the same person; null: not measured.'),
  })
  .meta({ id: 'Recogniser' });
export type Recogniser = z.infer<typeof recogniser>;

/** Which picture of the request an entry is about. */
export const requestImage = z.object({
  index: z.int().describe('Place in the request: files first, then image_id, then image_url.'),
  image_id: z.uuid().nullable().describe('Of an image that was named by its id.'),
  width: z.int().describe('Pixels, upright.'),
  height: z.int().describe('Pixels, upright.'),
});

const indexedFace = face
  .extend({
    index: z.int().describe('By which a request means this face of the image; best first.'),
  })
  .meta({ id: 'IndexedFace' });

/** Answer of `faces/detect` and `faces/analyze`; no face is an empty list. */
export const facesFound = z
  .object({
    images: z.array(requestImage.extend({ faces: z.array(indexedFace) })),
    suite: z.string().describe('The pack whose models looked, or `starter`.'),
    timings_ms: stageTimings,
    models: z.array(modelReference),
  })
  .meta({ id: 'FacesFound' });
export type FacesFound = z.infer<typeof facesFound>;

/** Answer of `faces/embed`: the chosen faces, each with its embedding. */
export const facesEmbedded = facesFound.extend({ model: recogniser }).meta({ id: 'FacesEmbedded' });
export type FacesEmbedded = z.infer<typeof facesEmbedded>;

/** A face that took part in an answer. */
export const usedFace = z
  .object({
    index: z.int().describe('Of the image, best first.'),
    of: z.int().describe('Faces that the image has.'),
    box,
    score: z.number(),
    quality: face.shape.quality,
  })
  .meta({ id: 'UsedFace' });
export type UsedFace = z.infer<typeof usedFace>;

/** Answer of `faces/verify`. */
export const verification = z
  .object({
    verified: z.boolean().describe('Whether the similarity reaches the threshold.'),
    similarity: z.number().describe('Cosine, -1 to 1.'),
    threshold: z.number(),
    model: recogniser,
    faces: z.tuple([usedFace, usedFace]),
    timings_ms: stageTimings,
  })
  .meta({ id: 'Verification' });
export type Verification = z.infer<typeof verification>;

/** Answer of `faces/swap` when JSON is asked for. */
export const swappedImage = z
  .object({
    image: z.string().describe('The picture, base64.'),
    format: z.enum(['png', 'jpeg']),
    width: z.int(),
    height: z.int(),
    swapped: z.array(box).describe('Boxes of the faces that were replaced.'),
    targets: z.array(usedFace).describe('The faces that were replaced.'),
    source: usedFace.nullable().describe('The face that was put there; null for an enrolled one.'),
    timings_ms: stageTimings,
    models: z.array(modelReference),
  })
  .meta({ id: 'SwappedImage' });
export type SwappedImage = z.infer<typeof swappedImage>;
