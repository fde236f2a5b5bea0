import { z } from 'zod';
import { stageTimings } from './analysis.ts';
import { face } from './face.ts';
import { recogniser, requestImage, usedFace } from './faces.ts';
import { box } from './image.ts';

const name = z.string().trim().min(1).max(200);
const time = z.iso.datetime();
const mostMetadata = 8 * 1024;

/** Whatever the client wants to remember. */
const metadata = z
  .record(z.string().max(200), z.unknown())
  .refine((value) => JSON.stringify(value).length <= mostMetadata, {
    message: `must be at most ${mostMetadata} characters of JSON`,
  });

/** A cosine. */
export const threshold = z.coerce.number().min(-1).max(1);

export const newCollection = z
  .strictObject({
    name,
    description: z.string().max(2_000).default(''),
    metadata: metadata.default({}),
    threshold: threshold
      .nullish()
      .describe(
        "Similarity from which a person is identified; the recogniser's own when left out.",
      ),
  })
  .meta({ id: 'NewCollection' });

export const collectionChange = z
  .strictObject({
    name: name.optional(),
    description: z.string().max(2_000).optional(),
    metadata: metadata.optional(),
    threshold: threshold.nullable().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'must name something to change',
  })
  .meta({ id: 'CollectionChange' });

export const collection = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    threshold: z.number().nullable(),
    model: z
      .object({ name: z.string(), version: z.string(), digest: z.string(), size: z.int() })
      .nullable()
      .describe('The recogniser that made the vectors; null while nobody is enrolled.'),
    current: z
      .boolean()
      .describe('Whether that is the recogniser in use; if not, the vectors must be made anew.'),
    person_count: z.int(),
    face_count: z.int(),
    reembed_id: z
      .uuid()
      .nullable()
      .describe('The job that makes the vectors anew, until it is done.'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Collection' });
export type Collection = z.infer<typeof collection>;

export const newPerson = z
  .strictObject({ name, metadata: metadata.default({}) })
  .meta({ id: 'NewPerson' });

export const personChange = z
  .strictObject({ name: name.optional(), metadata: metadata.optional() })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'must name something to change',
  })
  .meta({ id: 'PersonChange' });

export const person = z
  .object({
    id: z.uuid(),
    collection_id: z.uuid(),
    name: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    face_count: z.int(),
    cover_image_id: z.uuid().nullable().describe('The image of its newest face.'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof person>;

export const merge = z
  .strictObject({
    from: z.array(z.uuid()).min(1).max(100).describe('Persons who become part of this one.'),
  })
  .meta({ id: 'Merge' });

/** A face of a person; its vector stays inside. */
export const enrolledFace = z
  .object({
    id: z.uuid(),
    person_id: z.uuid(),
    image_id: z.uuid().nullable().describe('Null when the image was deleted.'),
    box,
    score: z.number(),
    quality: face.shape.quality,
    forced: z.boolean().describe('Enrolled in spite of what its quality lacks.'),
    model_digest: z.string(),
    searchable: z
      .boolean()
      .describe('Whether it is compared: its vector is of the recogniser of its collection.'),
    created_at: time,
  })
  .meta({ id: 'EnrolledFace' });
export type EnrolledFace = z.infer<typeof enrolledFace>;

/** Why an image was not enrolled; of quality, or what concerns the picture as a whole. */
const rejectionReason = z.enum([
  ...face.shape.quality.shape.reasons.element.options,
  'no_face',
  'several_faces',
]);

export const rejectedImage = z
  .object({
    index: z.int().describe('Place in the request.'),
    reasons: z.array(rejectionReason),
    faces: z.int().describe('Faces that the image has.'),
  })
  .meta({ id: 'RejectedImage' });
export type RejectedImage = z.infer<typeof rejectedImage>;

/** Answer of enrolling: what was, and what was not. */
export const enrolment = z
  .object({
    person,
    faces: z.array(enrolledFace),
    rejected: z.array(rejectedImage),
    model: recogniser,
  })
  .meta({ id: 'Enrolment' });
export type Enrolment = z.infer<typeof enrolment>;

export const match = z
  .object({
    person_id: z.uuid(),
    person_name: z.string(),
    face_id: z.uuid().describe("The person's face that is nearest."),
    similarity: z.number().describe('Cosine, -1 to 1.'),
  })
  .meta({ id: 'Match' });
export type Match = z.infer<typeof match>;

/** Answer of `identify`. */
export const identification = z
  .object({
    images: z.array(
      requestImage.extend({
        faces: z.array(
          usedFace.extend({
            matches: z.array(match).describe('Persons at or above the threshold, best first.'),
          }),
        ),
      }),
    ),
    threshold: z.number(),
    model: recogniser,
    index: z
      .enum(['exact', 'pgvector', 'hnsw'])
      .describe('How was searched; `hnsw` may miss some.'),
    timings_ms: stageTimings.extend({ search: z.number() }),
  })
  .meta({ id: 'Identification' });
export type Identification = z.infer<typeof identification>;

export const reembedJob = z
  .object({
    id: z.uuid(),
    collection_id: z.uuid(),
    state: z.enum(['queued', 'running', 'done', 'failed']),
    model: z.object({ name: z.string(), version: z.string(), digest: z.string() }),
    faces_total: z.int(),
    faces_done: z.int(),
    faces_failed: z.int().describe('Their image is gone, or the face was not found in it again.'),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
  })
  .meta({ id: 'ReembedJob' });
export type ReembedJob = z.infer<typeof reembedJob>;
