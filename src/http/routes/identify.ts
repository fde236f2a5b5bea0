import { z } from 'zod';
import { identification, threshold } from '../../protocol/collection.ts';
import { faceChoice } from '../../protocol/faces.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf, ownerSeenBy } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { imageListFields, listed, pictureFile, withPictures } from '../face-input.ts';
import { imageConsumes } from '../image-input.ts';
import { shownRecogniser, shownUse, spentSince } from '../shown-faces.ts';
import { streamedBody } from '../streamed-bodies.ts';

const fields = z.object({
  ...imageListFields,
  face: faceChoice
    .default('largest')
    .describe('Which faces: largest, most_central, all, or an index.'),
  top: z.coerce.number().int().min(1).max(100).default(5).describe('Persons at most, per face.'),
  threshold: threshold
    .optional()
    .describe("Least similarity; the collection's or the recogniser's own when left out."),
});

/** Who is it? */
export function identifyRoutes(app: App, deps: AppDeps): void {
  const { imageInput: options, library } = deps;
  const { identifier } = deps.collections;
  app.post(
    '/api/v1/collections/:id/identify',
    {
      config: { scope: 'faces', auditsItself: true },
      schema: {
        tags: ['Collections'],
        summary: 'Say who of a collection is in a picture',
        description:
          'Each person at most once per face, by the face of theirs that is nearest. Images that are sent are not kept.',
        consumes: imageConsumes,
        params: z.object({ id: z.uuid() }),
        body: streamedBody(fields.extend({ file: pictureFile })),
        response: { 200: identification, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      const started = performance.now();
      return await withPictures(
        request,
        { options, library, viewer },
        { fileFields: ['file'], schema: fields, pick: listed },
        async (pictures, { face: choice, top, threshold: least }) => {
          const place = { id: request.params.id, owner: ownerSeenBy(request) };
          const done = await identifier.identify(
            { place, pictures, choice, top, threshold: least },
            viewer.signal,
          );
          const timings = spentSince(
            started,
            done.pictures.map(({ found }) => found.stages),
          );
          reply.timings = timings;
          return {
            images: done.pictures.map(({ found, matches }, index) => ({
              index,
              image_id: pictures[index]?.imageId ?? null,
              width: found.width,
              height: found.height,
              faces: found.chosen.map((face, at) => ({
                ...shownUse(face, found.faces),
                matches: [...(matches[at] ?? [])],
              })),
            })),
            threshold: done.threshold,
            model: shownRecogniser(done.embedder),
            index: identifier.indexKind,
            timings_ms: { ...timings, search: done.searchMs },
          };
        },
      );
    },
  );
}
