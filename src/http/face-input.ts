import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import type { EnrolPicture } from '../collections/enroller.ts';
import type { ImageLibrary, ImageViewer } from '../images/image-library.ts';
import { parseFields, readFormInput, type FormFile } from './form-input.ts';
import { received, type ImageInputOptions } from './image-input.ts';

/** Images of one request. */
const mostImages = 10;

/** One or several, also as text with commas, as forms and queries have it. */
function oneOrMore<T extends z.ZodType>(item: T) {
  return z.preprocess((value) => {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.flatMap((each) => (typeof each === 'string' ? each.split(',') : each));
  }, z.array(item).min(1).max(mostImages));
}

const url = z.string().trim().min(1).max(4096);
const urls = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(url).min(1).max(mostImages),
);

/** Where the images of a request with several come from, beside its files. */
export const imageListFields = {
  image_id: oneOrMore(z.string().trim().pipe(z.uuid())).optional().describe('Kept images.'),
  image_ids: oneOrMore(z.string().trim().pipe(z.uuid())).optional().describe('The same.'),
  image_url: urls.optional().describe('Where to fetch images.'),
  image_urls: urls.optional().describe('The same.'),
};

/** For the documentation: bodies of these routes are read by `withPictures`. */
export const pictureFile = z.file().optional().describe('PNG or JPEG; may come more than once.');

/** Where one picture comes from. */
export type PictureSource =
  | { readonly file: FormFile }
  | { readonly imageId: string }
  | { readonly url: string };

export interface PictureInput {
  readonly options: ImageInputOptions;
  readonly library: ImageLibrary;
  readonly viewer: ImageViewer & { readonly signal?: AbortSignal | undefined };
}

/**
 * The pictures of a request, with their bytes counted against the upload memory until `work` is done. `pick` says, of the
 * files and fields, which pictures are meant.
 * @throws FoveaError IMAGE_*, QUEUE_FULL, REQUEST_INVALID.
 */
export async function withPictures<S extends z.ZodType, T>(
  request: FastifyRequest,
  { options, library, viewer }: PictureInput,
  reading: {
    readonly fileFields: readonly [string, ...string[]];
    readonly schema: S;
    readonly pick: (files: readonly FormFile[], fields: z.infer<S>) => readonly PictureSource[];
  },
  work: (pictures: readonly EnrolPicture[], fields: z.infer<S>) => Promise<T>,
): Promise<T> {
  const { maxBytes, uploads } = options;
  const releases = [uploads.take(bodyBytes(request, maxBytes))];
  try {
    const { fileFields, schema, pick } = reading;
    const limits = { maxBytes, maxFiles: mostImages, fileFields };
    const form = await readFormInput(request, limits);
    const query = request.query as Record<string, unknown>;
    const sent = { ...query, ...form.fields };
    checkFilled(sent);
    const fields = parseFields(schema, sent);
    const sources = pick(form.files, fields);
    checkCount(sources.length);
    const pictures: EnrolPicture[] = [];
    for (const source of sources) {
      if (!('file' in source)) releases.push(uploads.take(maxBytes));
      pictures.push(await pictureFrom(source, { options, library, viewer }));
    }
    return await work(pictures, fields);
  } finally {
    for (const release of releases) release();
  }
}

/** Files first, then ids, then URLs. */
export function listed(
  files: readonly FormFile[],
  fields: {
    readonly image_id?: readonly string[] | undefined;
    readonly image_ids?: readonly string[] | undefined;
    readonly image_url?: readonly string[] | undefined;
    readonly image_urls?: readonly string[] | undefined;
  },
): PictureSource[] {
  const {
    image_id: id = [],
    image_ids: ids = [],
    image_url: one = [],
    image_urls: all = [],
  } = fields;
  return [
    ...files.map((file) => ({ file })),
    ...[...id, ...ids].map((imageId) => ({ imageId })),
    ...[...one, ...all].map((address) => ({ url: address })),
  ];
}

/** The one picture that a form's field, an id or a URL gives. @throws FoveaError IMAGE_MISSING, REQUEST_INVALID. */
export function single(
  what: string,
  sources: readonly (PictureSource | undefined)[],
): PictureSource {
  const [source, another] = sources.filter((each) => each !== undefined);
  if (!source)
    throw new FoveaError('IMAGE_MISSING', `The request has no image for \`${what}\`.`, {
      field: what,
    });
  if (another) throw givenTwice(what);
  return source;
}

export function givenTwice(what: string): FoveaError {
  return new FoveaError('REQUEST_INVALID', `\`${what}\` is given twice; send one of them.`, {
    field: what,
  });
}

async function pictureFrom(
  source: PictureSource,
  { options, library, viewer }: PictureInput,
): Promise<EnrolPicture> {
  const sent = { imageId: null, imageOwnerId: null };
  if ('file' in source) return { ...(await received(source.file.bytes, 'upload', null)), ...sent };
  if ('url' in source) {
    const bytes = await options.fetchImage(source.url, viewer.signal);
    return { ...(await received(bytes, 'url', source.url)), ...sent };
  }
  const record = await library.find(source.imageId, viewer);
  return {
    bytes: await library.content(record),
    sha256: record.sha256,
    source: record.source,
    sourceUrl: record.sourceUrl,
    imageId: record.id,
    imageOwnerId: record.ownerId,
  };
}

/** An empty text would be read as the number 0: the first face, or a threshold that everybody reaches. */
function checkFilled(sent: Readonly<Record<string, unknown>>): void {
  const empty = Object.keys(sent).find((name) => sent[name] === '');
  if (empty === undefined) return;
  throw new FoveaError('REQUEST_INVALID', `\`${empty}\` is empty; leave it out, or fill it.`, {
    field: empty,
  });
}

function checkCount(count: number): void {
  if (count === 0)
    throw new FoveaError(
      'IMAGE_MISSING',
      'The request has no image: send a form with files, `image_id` or `image_url`, or the image itself as the body.',
    );
  if (count > mostImages)
    throw new FoveaError(
      'REQUEST_INVALID',
      `The request has ${count} images; at most ${mostImages} go together.`,
      { images: count, most: mostImages },
    );
}

function bodyBytes(request: FastifyRequest, maxBytes: number): number {
  const declared = Number(request.headers['content-length']);
  const most = request.isMultipart() ? maxBytes * mostImages : maxBytes;
  return Math.min(Number.isFinite(declared) ? declared : most, most);
}
