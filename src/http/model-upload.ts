import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import type { ModelFiles, Staging } from '../models/model-files.ts';
import { modelSamples } from '../protocol/model-samples.ts';
import {
  modelDescription,
  modelMetadata,
  modelName,
  servedTask,
} from '../protocol/model-version.ts';
import { flag } from './image-input.ts';

export interface ModelUploadOptions {
  readonly files: ModelFiles;
  readonly maxBytes: number;
  /** Uploads that are received and imported at a time. */
  readonly mostUploads: number;
}

/** A field or file that holds JSON. */
const jsonText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const message = 'must be JSON; NaN and Infinity are null there';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
});

/** The fields that stand beside the files. */
const uploadFields = z.strictObject({
  name: modelName,
  description: modelDescription.optional(),
  metadata: jsonText.pipe(modelMetadata).default({}),
  task: servedTask.optional(),
  samples: jsonText.pipe(modelSamples).optional(),
  default: flag.default(true),
});
export type UploadFields = z.infer<typeof uploadFields>;

/** The form as documented; `receiveUpload` reads and checks it. */
export const uploadBody = z.object({
  file: z
    .file()
    .describe(
      'The model, told by its content: ONNX, scikit-learn (pickle, joblib, skops), XGBoost (JSON, UBJSON), LightGBM (text). Files that belong together repeat the field.',
    ),
  name: modelName,
  description: modelDescription.optional(),
  task: servedTask
    .optional()
    .describe("What the model is for, where its own metadata (Ultralytics' `task`) do not say it."),
  metadata: z
    .string()
    .optional()
    .describe(
      'JSON object; `features`, `classes`, `nullable` and `targets` complete the signature.',
    ),
  samples: z
    .file()
    .optional()
    .describe(
      'JSON, at most 1 MiB: `inputs` with `predictions`, `probabilities` or both, one entry per row, which the model must answer before it is accepted; `tolerance`.',
    ),
  default: z.boolean().optional().describe('false: the alias `default` stays where it is.'),
});

const mostFiles = 8;
const fieldBytes = 1024 * 1024;

/**
 * Streams the form's files to disk. Every part is read to its end even after a mistake was found,
 * so that the answer finds a sender who is listening.
 * @throws FoveaError REQUEST_INVALID, MODEL_TOO_LARGE, STORAGE_UNAVAILABLE.
 */
export async function receiveUpload(
  request: FastifyRequest,
  staging: Staging,
  { files, maxBytes }: ModelUploadOptions,
): Promise<UploadFields> {
  const fields: Record<string, unknown> = {};
  let mistake: unknown;
  const limits = {
    // One more: the samples.
    files: mostFiles + 1,
    fields: 10,
    parts: mostFiles + 11,
    fileSize: maxBytes + 1,
    fieldSize: fieldBytes,
  };
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') {
        fields[part.fieldname] = part.value;
        if (part.valueTruncated)
          mistake ??= invalid(`The form field ${part.fieldname.slice(0, 64)} is too long.`);
      } else if (mistake === undefined && part.fieldname === 'samples') {
        await boundedText(part.file).then(
          (text) => (fields['samples'] = text),
          (error: unknown) => (mistake = error),
        );
      } else if (mistake !== undefined || part.fieldname !== 'file') {
        part.file.resume();
        mistake ??= invalid(
          `Model files belong in the form field \`file\`, not \`${part.fieldname.slice(0, 64)}\`.`,
        );
      } else {
        await files
          .receive(staging, part.filename ?? '', part.file, maxBytes)
          .catch((error: unknown) => {
            mistake = error;
            part.file.resume();
          });
      }
    }
  } catch (error) {
    if (mistake !== undefined) throw mistake as Error;
    if (String((error as { code?: unknown }).code).startsWith('FST_')) throw error;
    throw invalid('The form is malformed or was cut off; send the whole multipart body.', error);
  }
  if (mistake !== undefined) throw mistake as Error;
  if (staging.files.length === 0)
    throw invalid('The form has no file; send the model in the form field `file`.');
  return parseFields(fields);
}

async function boundedText(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size <= fieldBytes) chunks.push(chunk);
  }
  if (size > fieldBytes)
    throw invalid(
      `The samples have ${size} bytes; at most ${fieldBytes} are read. Send fewer rows, some dozens are enough.`,
    );
  return Buffer.concat(chunks).toString('utf8');
}

/** Refuses a body that says itself that it is too large. What comes of it is thrown away, and the connection ends. */
export function refuseTooLarge(
  request: FastifyRequest,
  reply: FastifyReply,
  { maxBytes }: ModelUploadOptions,
): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared <= maxBytes + mostFiles * 1024 + 10 * fieldBytes) return;
  reply.header('connection', 'close');
  request.raw.resume();
  throw new FoveaError(
    'MODEL_TOO_LARGE',
    `The upload has ${declared} bytes; a model may have ${maxBytes}. Send a smaller one, or raise FOVEA_MAX_MODEL_BYTES.`,
    { max_bytes: maxBytes },
  );
}

function parseFields(fields: Record<string, unknown>): UploadFields {
  const { data, error } = uploadFields.safeParse(fields);
  if (data) return data;
  const issues = error.issues.map(({ path, message }) => ({ path: `/${path.join('/')}`, message }));
  throw new FoveaError(
    'REQUEST_INVALID',
    `The request does not fit the schema: ${issues[0]?.path ?? ''}: ${issues[0]?.message ?? ''}.`,
    { issues },
  );
}

function invalid(message: string, cause?: unknown): FoveaError {
  return new FoveaError('REQUEST_INVALID', message, {}, cause);
}
