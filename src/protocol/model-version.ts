import { z } from 'zod';
import { storedRecord, storedText } from './stored-values.ts';
import { visionSpec } from './vision-spec.ts';

/** Element types that a served model may take and give. */
const tensorType = z.enum(['float32', 'float64', 'int32', 'int64', 'uint8', 'bool', 'string']);

/** A size; the name of a free dimension; null for a free one without a name. */
const dimension = z.union([z.int(), z.string(), z.null()]);

export const modelInput = z
  .object({
    name: z.string(),
    dtype: tensorType,
    shape: z.array(dimension).describe('The first dimension counts rows when it is free or 1.'),
    features: z
      .array(z.string())
      .optional()
      .describe('Names of the columns, in order; records use them as keys.'),
    nullable: z.boolean().optional().describe('Whether null stands for a missing value.'),
  })
  .meta({ id: 'InputTensor' });
export type ModelInput = z.infer<typeof modelInput>;

const classLabel = z.union([z.string(), z.number(), z.boolean()]);
export type ClassLabel = z.infer<typeof classLabel>;

export const modelOutput = z
  .object({
    name: z.string(),
    dtype: tensorType,
    shape: z.array(dimension),
    role: z
      .enum(['label', 'probabilities', 'scores', 'value'])
      .describe(
        'How answers use it: the predicted class, one probability per class, what a decision function says, or as it is.',
      ),
    target: z
      .string()
      .optional()
      .describe('Of a model that answers several questions at once: which of them this is.'),
    classes: z.array(classLabel).optional().describe("The target's own."),
    targets: z
      .array(z.string())
      .optional()
      .describe('Of a model that gives several numbers: what each is; answers use them as keys.'),
  })
  .meta({ id: 'OutputTensor' });
export type ModelOutput = z.infer<typeof modelOutput>;

/** A value that a column may have; null is a missing one. */
const category = z.union([z.string(), z.number(), z.null()]);
export type Category = z.infer<typeof category>;

/** What a caller sends for one feature. */
export const modelColumn = z
  .object({
    name: z.string(),
    type: z
      .enum(['number', 'integer', 'boolean', 'string', 'category', 'text'])
      .describe('`category`: only the known values; `text`: words that are counted.'),
    nullable: z.boolean().describe('Whether null stands for a missing value.'),
    values: z.array(category).optional().describe('Of a category: the first allowed values.'),
    values_total: z
      .int()
      .optional()
      .describe('How many values are allowed, when not all are shown.'),
  })
  .meta({ id: 'ModelColumn' });
export type ModelColumn = z.infer<typeof modelColumn>;

/** A column that the model was fitted with and does not read. */
const unusedColumn = z.object({
  name: z.string(),
  at: z.int().describe('Its place among all columns that the model was fitted with.'),
});
export type UnusedColumn = z.infer<typeof unusedColumn>;

/** What a model takes and gives, read from its file and proved by running it. */
export const modelSignature = z
  .object({
    inputs: z.array(modelInput),
    outputs: z.array(modelOutput),
    classes: z.array(classLabel).optional(),
    columns: z
      .array(modelColumn)
      .optional()
      .describe('What each feature takes, in order: the first 1000 of those with names.'),
    unused: z
      .array(unusedColumn)
      .optional()
      .describe(
        'Columns that it was fitted with and does not read: records may have them, lists have something at their places.',
      ),
  })
  .meta({ id: 'ModelSignature' });
export type ModelSignature = z.infer<typeof modelSignature>;

/** How the rows of one input are read; by the input's name. */
export interface InputRule {
  /** What a missing value is for the model, where it is text. */
  readonly missing?: string;
  /** The only values that the model was fitted on; it would answer nonsense for others. */
  readonly allowed?: readonly Category[];
}

/** What predicting needs to know of a version besides its signature. */
export interface Serving {
  /** Whether something is done before or after the graph, told by a file beside it. */
  readonly steps?: boolean;
  readonly rules?: Readonly<Record<string, InputRule>>;
}

/**
 * Whether rows may share a run, proved at import: rows of several requests with the same bits as
 * alone (`exact`) or nearly (`close`), only rows of one request (`none`), or never (`single`).
 */
export const batching = z.enum(['exact', 'close', 'none', 'single']);
export type Batching = z.infer<typeof batching>;

/** What an uploaded model is for, as the routes are called that it answers. */
export const servedTask = z.enum(['predict', 'detect', 'classify']);
export type ServedTask = z.infer<typeof servedTask>;

export const lifecycleStatus = z
  .enum(['active', 'deprecated', 'archived'])
  .meta({ id: 'LifecycleStatus' });
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

/** Facts that a user keeps with a version. `features`, `classes`, `nullable` and `targets` complete the signature at upload. */
export const modelMetadata = storedRecord(100);
export const modelDescription = storedText(4000);
export type ModelMetadata = z.infer<typeof modelMetadata>;

export const modelFile = z
  .object({ name: z.string(), size_bytes: z.int(), sha256: z.string() })
  .meta({ id: 'ModelFile' });
export type UploadedFile = z.infer<typeof modelFile>;

/** One version of a user's model, as uploads and reads answer it. */
export const modelVersion = z
  .object({
    id: z.uuid().describe('Of the model; with `version` it names this version.'),
    name: z.string(),
    version: z.int(),
    description: z.string(),
    status: lifecycleStatus.describe('The stricter of the model and the version.'),
    task: servedTask.describe('The route that it answers.'),
    format: z.string(),
    size_bytes: z.int(),
    sha256: z.string(),
    files: z.array(modelFile),
    signature: modelSignature,
    metadata: z.record(z.string(), z.unknown()),
    report: z.record(z.string(), z.unknown()).describe('What the importer has to say.'),
    batching,
    vision: visionSpec
      .optional()
      .describe('How it looks at pictures, as in a manifest; absent from a model of rows.'),
    aliases: z.array(z.string()).describe('Aliases that lead to this version.'),
    purged_at: z.iso
      .datetime()
      .optional()
      .describe('Since when its files are deleted for good; absent while they are there.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'ModelVersion' });
export type ModelVersion = z.infer<typeof modelVersion>;

export const modelVersionList = z.object({
  items: z.array(modelVersion),
  next_cursor: z.string().nullable(),
});

/** Body of `PATCH models/{id}`: at least one of them. */
export const modelChange = z
  .strictObject({
    description: modelDescription.optional(),
    metadata: modelMetadata.optional(),
    status: lifecycleStatus.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'ModelChange' });
export type ModelChange = z.infer<typeof modelChange>;

/** Whether a version's model is in a worker's memory. */
export const loadedModel = z
  .object({
    id: z.uuid(),
    name: z.string(),
    version: z.int(),
    loaded: z.boolean(),
    load_ms: z.number(),
  })
  .meta({ id: 'LoadedModel' });
export type LoadedModel = z.infer<typeof loadedModel>;
