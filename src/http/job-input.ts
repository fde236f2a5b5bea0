import { Transform, type Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { JobFormat } from '../db/prediction-jobs.ts';
import { FoveaError } from '../errors.ts';

/** Content types of a raw body, which stays a stream. */
export const jobContentTypes = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
} as const satisfies Record<string, JobFormat>;

const byName: Readonly<Record<string, JobFormat>> = {
  csv: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
};

export interface JobInput {
  readonly format: JobFormat;
  /** Fails with REQUEST_TOO_LARGE at the byte that is too many. */
  readonly content: Readable;
}

/**
 * The file of a request: the form's `file`, or the body itself. The format is what `asked` says, or
 * the name of the file, or the Content-Type. @throws FoveaError REQUEST_INVALID, MEDIA_TYPE_UNSUPPORTED.
 */
export async function jobInput(
  request: FastifyRequest,
  asked: JobFormat | undefined,
  maxBytes: number,
): Promise<JobInput> {
  if (!request.isMultipart()) {
    const format = asked ?? formatOf(request.headers['content-type'] ?? '');
    if (format === undefined || !isStream(request.body)) throw unsupported();
    return { format, content: limited(request.body, maxBytes) };
  }
  const part = await request.file({ limits: { fileSize: maxBytes + 1 } });
  if (part === undefined || part.fieldname !== 'file') {
    part?.file.resume();
    throw new FoveaError('REQUEST_INVALID', 'The form has no file in the field `file`.');
  }
  const extension = (part.filename ?? '').split('.').at(-1)?.toLowerCase() ?? '';
  const format = asked ?? byName[extension] ?? formatOf(part.mimetype);
  if (format === undefined) {
    part.file.resume();
    throw unsupported();
  }
  return { format, content: limited(part.file, maxBytes) };
}

function formatOf(contentType: string): JobFormat | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return (jobContentTypes as Readonly<Record<string, JobFormat>>)[type];
}

/** What comes after the limit is thrown away, so that the answer finds a sender who is listening. */
function limited(source: Readable, maxBytes: number): Readable {
  let bytes = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) done(null, chunk);
      else done(tooLarge(maxBytes));
    },
  });
  counter.once('error', () => {
    source.unpipe(counter);
    source.resume();
  });
  source.once('error', (error) => counter.destroy(error));
  // A sender that leaves ends the body without an end.
  source.once('close', () => {
    if (!source.readableEnded && !counter.destroyed) counter.destroy(cutOff());
  });
  return source.pipe(counter);
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body;
}

function tooLarge(maxBytes: number): FoveaError {
  const message = `The file is larger than ${maxBytes} bytes; send it in parts, or raise FOVEA_MAX_JOB_BYTES.`;
  return new FoveaError('REQUEST_TOO_LARGE', message, { max_bytes: maxBytes });
}

function cutOff(): FoveaError {
  return new FoveaError('REQUEST_CANCELLED', 'The upload was cut off.');
}

function unsupported(): FoveaError {
  const message =
    'A job takes CSV or NDJSON: a body of `text/csv` or `application/x-ndjson`, or a form with the field `file`; `?format=` says which it is.';
  return new FoveaError('MEDIA_TYPE_UNSUPPORTED', message);
}
