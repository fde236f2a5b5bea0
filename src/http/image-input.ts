import { hash, webcrypto } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import type { ReceivedImage } from '../images/image-service.ts';
import { analysisPart } from '../protocol/analysis.ts';
import type { ByteBudget } from './byte-budget.ts';
import { streamedBody } from './streamed-bodies.ts';

/** Downloads an image through the address check. */
export type FetchImage = (url: string, signal: AbortSignal | undefined) => Promise<Uint8Array>;

export interface ImageInputOptions {
  readonly maxBytes: number;
  readonly uploads: ByteBudget;
  readonly fetchImage: FetchImage;
}

/** A yes or no that may come from a form or a query, where everything is text. */
export const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false']).transform((value) => value === 'true'),
]);

/** Parts of an analysis, as a list or as text with commas. */
const parts = z.union([
  z.array(analysisPart),
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(analysisPart)),
]);
export const partFields = {
  include: parts.optional().describe(`Beside the default: ${analysisPart.options.join(', ')}.`),
  only: parts.optional().describe('Instead of the default; nothing else is computed.'),
};

/** The fields that may stand beside the file in a form, or make up a JSON body. */
const imageFields = z.object({
  image_url: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Where to fetch the image, instead of a file.'),
  wipe_cache: flag.optional().describe('Drop what is cached for the image and compute anew.'),
  ...partFields,
});
export type ImageFields = z.infer<typeof imageFields>;

/** The body of every route that takes an image, as documented; `withImage` reads and checks it. */
export const imageBody = streamedBody(
  imageFields.extend({ file: z.file().optional().describe('The image: PNG or JPEG.') }),
);
export const imageConsumes = ['multipart/form-data', 'application/json', 'image/png', 'image/jpeg'];

/** Below a millisecond of hashing. */
const hashInlineBytes = 1024 * 1024;

interface Parts {
  file?: Uint8Array;
  fields: Record<string, unknown>;
}

/**
 * The image of a request: the form's `file`, its `image_url`, a JSON body's `image_url`, or the body
 * itself when its Content-Type is an image's. The bytes are counted against the upload memory until
 * `work` is done with them.
 * @throws FoveaError IMAGE_MISSING, IMAGE_EMPTY, IMAGE_TOO_LARGE, IMAGE_URL_*, QUEUE_FULL, REQUEST_INVALID.
 */
export async function withImage<T>(
  request: FastifyRequest,
  options: ImageInputOptions,
  signal: AbortSignal | undefined,
  work: (image: ReceivedImage, fields: ImageFields) => Promise<T>,
): Promise<T> {
  const release = options.uploads.take(expectedBytes(request, options.maxBytes));
  try {
    const { image, fields } = await readImage(request, options, signal);
    return await work(image, fields);
  } finally {
    release();
  }
}

async function readImage(
  request: FastifyRequest,
  options: ImageInputOptions,
  signal: AbortSignal | undefined,
): Promise<{ image: ReceivedImage; fields: ImageFields }> {
  const parts = await readParts(request, options.maxBytes);
  const fields = parseFields(parts.fields);
  const { file } = parts;
  const { image_url: url } = fields;
  if (file && url)
    throw new FoveaError(
      'REQUEST_INVALID',
      'The request has both a file and an image_url; send one of them.',
    );
  if (file) return { fields, image: await received(file, 'upload', null) };
  if (url)
    return { fields, image: await received(await options.fetchImage(url, signal), 'url', url) };
  throw new FoveaError(
    'IMAGE_MISSING',
    'The request has no image: send a form with the field `file` or `image_url`, JSON with `image_url`, or the image itself as the body.',
  );
}

async function readParts(request: FastifyRequest, maxBytes: number): Promise<Parts> {
  if (request.isMultipart()) return await readForm(request, maxBytes);
  const { body } = request;
  if (isStream(body)) return { file: await readBody(body, maxBytes), fields: {} };
  return {
    fields: z
      .record(z.string(), z.unknown())
      .catch({})
      .parse(body ?? {}),
  };
}

/**
 * Every part is read to its end even after a mistake was found, so that the answer finds a sender
 * who is listening; what is over the limit is thrown away as it comes.
 */
async function readForm(request: FastifyRequest, maxBytes: number): Promise<Parts> {
  const parts: Parts = { fields: {} };
  let mistake: FoveaError | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        parts.fields[part.fieldname] = part.value;
        if (part.valueTruncated)
          mistake ??= invalid(`The form field ${part.fieldname.slice(0, 64)} is too long.`);
      } else {
        const bytes = await readAll(part.file);
        if (part.fieldname === 'file') parts.file = bytes;
        else
          mistake ??= invalid(
            `The image belongs in the form field \`file\`, not \`${part.fieldname.slice(0, 64)}\`.`,
          );
        if (part.file.truncated) mistake ??= tooLarge(maxBytes);
      }
    }
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith('FST_')) throw error;
    throw invalid('The form is malformed or was cut off; send the whole multipart body.', error);
  }
  if (mistake) throw mistake;
  return parts;
}

export async function readAll(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The bytes of a raw body. What is over the limit is thrown away as it comes, or the connection would clog. */
export async function readBody(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) break;
    chunks.push(chunk);
  }
  if (size <= maxBytes) return Buffer.concat(chunks, size);
  // Only now: while the loop holds the stream, it cannot be made to flow.
  stream.resume();
  throw tooLarge(maxBytes);
}

function parseFields(fields: Record<string, unknown>): ImageFields {
  const result = imageFields.safeParse(fields);
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

export async function received(
  bytes: Uint8Array,
  source: ReceivedImage['source'],
  sourceUrl: string | null,
): Promise<ReceivedImage> {
  if (bytes.length === 0)
    throw new FoveaError('IMAGE_EMPTY', 'The image has no bytes; send the whole file.');
  return { bytes, sha256: await sha256Of(bytes), source, sourceUrl };
}

/** In hex. What would hold up the event loop is hashed beside it; for less, the way there costs more. */
async function sha256Of(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= hashInlineBytes) return hash('sha256', bytes, 'hex');
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

function expectedBytes(request: FastifyRequest, maxBytes: number): number {
  const declared = Number(request.headers['content-length']);
  return request.isMultipart() || isStream(request.body)
    ? Math.min(Number.isFinite(declared) ? declared : maxBytes, maxBytes)
    : maxBytes;
}

export function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body;
}

export function invalid(message: string, cause?: unknown): FoveaError {
  return new FoveaError('REQUEST_INVALID', message, {}, cause);
}

export function tooLarge(maxBytes: number): FoveaError {
  return new FoveaError(
    'IMAGE_TOO_LARGE',
    `The image is larger than ${maxBytes} bytes; scale it down or compress it more.`,
    { max_bytes: maxBytes },
  );
}
