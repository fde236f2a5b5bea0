import { z } from 'zod';
import { noFace } from '../../collections/people.ts';
import type { EnrolPicture } from '../../collections/enroller.ts';
import type { SwapRequest } from '../../faces/face-analyzer.ts';
import { faceChoice, oneFace, swappedImage } from '../../protocol/faces.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf, ownerSeenBy } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import {
  givenTwice,
  pictureFile,
  single,
  withPictures,
  type PictureSource,
} from '../face-input.ts';
import type { FormFile } from '../form-input.ts';
import { shownUse, spentSince } from '../shown-faces.ts';
import { streamedBody } from '../streamed-bodies.ts';

const url = z.string().min(1).max(4096).optional();
const fields = z.object({
  source_image_id: z.uuid().optional(),
  source_image_url: url,
  source_face_id: z.uuid().optional().describe('An enrolled face, instead of a picture.'),
  source_face: oneFace
    .default('largest')
    .describe('Which face: largest, most_central, or an index.'),
  target_image_id: z.uuid().optional(),
  target_image_url: url,
  target_face: faceChoice
    .default('largest')
    .describe('Which faces are replaced: largest, most_central, all, or an index.'),
  format: z.enum(['png', 'jpeg']).default('png'),
  suite: z.string().min(1).max(64).optional().describe('A pack; the one in use when left out.'),
});
type Fields = z.infer<typeof fields>;
const body = streamedBody(fields.extend({ source: pictureFile, target: pictureFile }));

/** A picture with another face in it. */
export function faceSwapRoutes(app: App, deps: AppDeps): void {
  const { faces, library, imageInput: options, collections } = deps;
  app.post(
    '/api/v1/faces/swap',
    {
      config: { scope: 'faces' },
      schema: {
        tags: ['Faces'],
        summary: 'Put a face in the place of another',
        description:
          'Answers the picture, with the boxes of the replaced faces in the header `Fovea-Swapped`; JSON with `Accept: application/json`. Needs a swapping model, such as inswapper.',
        consumes: ['multipart/form-data', 'application/json'],
        body,
        response: { 200: z.union([swappedImage, z.file()]), ...errorResponses },
      },
      // Serialised here: the answer is a picture, or JSON.
      serializerCompiler: () => (data) => JSON.stringify(data),
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      const done = await withPictures(
        request,
        { options, library, viewer },
        { fileFields: ['target', 'source'], schema: fields, pick },
        async (pictures, given) => {
          const started = performance.now();
          const stored =
            given.source_face_id === undefined
              ? undefined
              : await collections.storedFaces.vector(given.source_face_id, ownerSeenBy(request));
          if (given.source_face_id !== undefined && !stored) throw noFace(given.source_face_id);
          const output = await faces.swap(requestOf(pictures, given, stored), {
            suite: given.suite,
            signal: viewer.signal,
          });
          return { output, timings: spentSince(started, [output.stages]) };
        },
      );
      const { image, format, width, height, swapped, targets, source, models } = done.output;
      reply.timings = done.timings;
      const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
      reply.header('fovea-swapped', JSON.stringify(swapped));
      if (wantsJson(request.headers.accept))
        return await reply.send({
          image: bytes.toString('base64'),
          format,
          width,
          height,
          swapped: [...swapped],
          targets: targets.map(({ face, faces: all }) => shownUse(face, all)),
          source: source ? shownUse(source.face, source.faces) : null,
          timings_ms: done.timings,
          models: [...models],
        });
      // The types know the documented answers, not that one of them is bytes.
      return await reply.type(`image/${format}`).send(bytes as never);
    },
  );
}

/** The target, then the source unless it is an enrolled face. */
function pick(files: readonly FormFile[], given: Fields): PictureSource[] {
  const sources = (what: 'target' | 'source'): PictureSource => {
    const { [`${what}_image_id` as const]: imageId, [`${what}_image_url` as const]: address } =
      given;
    return single(what, [
      ...files.filter(({ field }) => field === what).map((file) => ({ file })),
      imageId === undefined ? undefined : { imageId },
      address === undefined ? undefined : { url: address },
    ]);
  };
  if (given.source_face_id === undefined) return [sources('target'), sources('source')];
  const another =
    files.some(({ field }) => field === 'source') ||
    given.source_image_id !== undefined ||
    given.source_image_url !== undefined;
  if (another) throw givenTwice('source');
  return [sources('target')];
}

function requestOf(
  [target, source]: readonly EnrolPicture[],
  { target_face: targetChoice, source_face: choice, format }: Fields,
  stored:
    | {
        readonly embedding: Float32Array;
        readonly embeddingNorm: number | null;
        readonly modelDigest: string;
      }
    | undefined,
): SwapRequest {
  if (!target) throw new Error('a swap has a target');
  if (stored)
    return {
      target,
      targetChoice,
      format,
      source: {
        embedding: [...stored.embedding],
        ...(stored.embeddingNorm === null ? {} : { norm: stored.embeddingNorm }),
        digest: stored.modelDigest,
      },
    };
  if (!source) throw new Error('a swap has a source');
  return { target, targetChoice, format, source: { picture: source, choice } };
}

/** The picture unless JSON is asked for by name. */
function wantsJson(accept: string | undefined): boolean {
  return accept !== undefined && /\bapplication\/json\b/.test(accept) && !/\bimage\//.test(accept);
}
