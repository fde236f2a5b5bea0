import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import { invalid, isStream, readAll, readBody, tooLarge } from './image-input.ts';

/** A file of a form, or the body as a whole. */
export interface FormFile {
  readonly field: string;
  readonly bytes: Uint8Array;
}

export interface FormLimits {
  /** Of one file. */
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** Form fields that may be files; the first is meant when the body is an image itself. */
  readonly fileFields: readonly [string, ...string[]];
}

interface Form {
  readonly files: readonly FormFile[];
  /** A field that comes more than once is a list. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const maxFields = 40;
const fieldBytes = 16 * 1024;

/**
 * What a form, a JSON body or a bare image says. Every part is read to its end even after a mistake was found, so that the
 * answer finds a sender who is listening.
 * @throws FoveaError REQUEST_INVALID, IMAGE_TOO_LARGE.
 */
export async function readFormInput(request: FastifyRequest, limits: FormLimits): Promise<Form> {
  if (request.isMultipart()) return await readForm(request, limits);
  const { body } = request;
  if (isStream(body)) {
    const [field] = limits.fileFields;
    return { files: [{ field, bytes: await readBody(body, limits.maxBytes) }], fields: {} };
  }
  const fields = z.record(z.string(), z.unknown()).safeParse(body ?? {});
  if (fields.success) return { files: [], fields: fields.data };
  throw invalid('The body must be a form, an image, or a JSON object.');
}

/** The fields by a schema. @throws FoveaError REQUEST_INVALID. */
export function parseFields<T extends z.ZodType>(
  schema: T,
  fields: Readonly<Record<string, unknown>>,
): z.infer<T> {
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: `/${path.join('/')}`,
    message,
  }));
  throw new FoveaError(
    'REQUEST_INVALID',
    `The request does not fit the schema: ${issues[0]?.path ?? ''}: ${issues[0]?.message ?? ''}.`,
    { issues },
  );
}

async function readForm(
  request: FastifyRequest,
  { maxBytes, maxFiles, fileFields }: FormLimits,
): Promise<Form> {
  const files: FormFile[] = [];
  const fields: Record<string, unknown> = {};
  let mistake: FoveaError | undefined;
  const limits = {
    files: maxFiles,
    fields: maxFields,
    fieldSize: fieldBytes,
    fileSize: maxBytes,
    parts: maxFiles + maxFields,
  };
  try {
    for await (const part of request.parts({ limits })) {
      const name = part.fieldname.slice(0, 64);
      if (part.type === 'field') {
        add(fields, part.fieldname, part.value);
        if (part.valueTruncated) mistake ??= invalid(`The form field ${name} is too long.`);
      } else {
        const bytes = await readAll(part.file);
        files.push({ field: part.fieldname, bytes });
        if (!fileFields.includes(part.fieldname)) mistake ??= misplaced(name, fileFields);
        if (part.file.truncated) mistake ??= tooLarge(maxBytes);
      }
    }
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith('FST_')) throw error;
    throw invalid('The form is malformed or was cut off; send the whole multipart body.', error);
  }
  if (mistake) throw mistake;
  return { files, fields };
}

function add(fields: Record<string, unknown>, name: string, value: unknown): void {
  const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (known === undefined) fields[name] = value;
  else fields[name] = Array.isArray(known) ? [...(known as unknown[]), value] : [known, value];
}

function misplaced(name: string, fileFields: readonly string[]): FoveaError {
  return invalid(
    `Images belong in ${fileFields.map((field) => `\`${field}\``).join(', ')}, not in \`${name}\`.`,
  );
}
