import { z } from 'zod';

/** Element types that a served model may take and give. */
const tensorType = z.enum(['float32', 'float64', 'int32', 'int64', 'uint8', 'bool', 'string']);

/** A size; the name of a free dimension; null for a free one without a name. */
const dimension = z.union([z.int(), z.string(), z.null()]);

export const modelInput = z.object({
  name: z.string(),
  dtype: tensorType,
  shape: z.array(dimension).describe('The first dimension counts rows when it is free or 1.'),
  features: z
    .array(z.string())
    .optional()
    .describe('Names of the columns, in order; records use them as keys.'),
  nullable: z.boolean().optional().describe('Whether null stands for a missing value.'),
});
export type ModelInput = z.infer<typeof modelInput>;

export const modelOutput = z.object({
  name: z.string(),
  dtype: tensorType,
  shape: z.array(dimension),
  role: z
    .enum(['label', 'probabilities', 'value'])
    .describe('How answers use it: the predicted class, one probability per class, or as it is.'),
});
export type ModelOutput = z.infer<typeof modelOutput>;

const classLabel = z.union([z.string(), z.number(), z.boolean()]);
export type ClassLabel = z.infer<typeof classLabel>;

/** What a model takes and gives, read from its file and proved by running it. */
export const modelSignature = z.object({
  inputs: z.array(modelInput),
  outputs: z.array(modelOutput),
  classes: z.array(classLabel).optional(),
});
export type ModelSignature = z.infer<typeof modelSignature>;

/**
 * Whether rows may share a run, proved at import: rows of several requests with the same bits as
 * alone (`exact`) or nearly (`close`), only rows of one request (`none`), or never (`single`).
 */
export const batching = z.enum(['exact', 'close', 'none', 'single']);
export type Batching = z.infer<typeof batching>;

export const lifecycleStatus = z.enum(['active', 'deprecated', 'archived']);
export type LifecycleStatus = z.infer<typeof lifecycleStatus>;

export const modelName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'must be 1 to 64 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit',
  );
export const aliasName = z
  .string()
  .regex(
    /^[a-z][a-z0-9._-]{0,63}$/,
    'must be 1 to 64 of a-z, 0-9, dot, dash and underscore, beginning with a letter',
  );

/** Facts that a user keeps with a version. `features`, `classes` and `nullable` complete the signature at upload. */
export const modelMetadata = z.record(z.string().max(100), z.unknown());
export type ModelMetadata = z.infer<typeof modelMetadata>;

export const modelFile = z.object({ name: z.string(), size_bytes: z.int(), sha256: z.string() });
export type UploadedFile = z.infer<typeof modelFile>;

/** One version of a user's model, as uploads and reads answer it. */
export const modelVersion = z.object({
  id: z.uuid().describe('Of the model; with `version` it names this version.'),
  name: z.string(),
  version: z.int(),
  description: z.string(),
  status: lifecycleStatus.describe('The stricter of the model and the version.'),
  format: z.string(),
  size_bytes: z.int(),
  sha256: z.string(),
  files: z.array(modelFile),
  signature: modelSignature,
  metadata: modelMetadata,
  report: z.record(z.string(), z.unknown()).describe('What the importer has to say.'),
  batching,
  aliases: z.array(z.string()).describe('Aliases that lead to this version.'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type ModelVersion = z.infer<typeof modelVersion>;

export const modelVersionList = z.object({
  items: z.array(modelVersion),
  next_cursor: z.string().nullable(),
});

/** Body of `PATCH models/{id}`: at least one of them. */
export const modelChange = z
  .strictObject({
    description: z.string().max(4000).optional(),
    metadata: modelMetadata.optional(),
    status: lifecycleStatus.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something');
export type ModelChange = z.infer<typeof modelChange>;

/** Whether a version's model is in a worker's memory. */
export const loadedModel = z.object({
  id: z.uuid(),
  name: z.string(),
  version: z.int(),
  loaded: z.boolean(),
  load_ms: z.number(),
});
export type LoadedModel = z.infer<typeof loadedModel>;
