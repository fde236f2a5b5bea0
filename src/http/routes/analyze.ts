import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { visionGroup } from '../../images/analyzer.ts';
import type { AnalyzeOptions } from '../../images/image-service.ts';
import { analysis, type Analysis } from '../../protocol/analysis.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import {
  flag,
  imageBody,
  imageConsumes,
  partFields,
  withImage,
  type ImageFields,
} from '../image-input.ts';

const options = z.object({
  wipe_cache: flag.optional().describe('Drop what is cached for the image and compute anew.'),
  ...partFields,
});
const byId = options.extend({ image_id: z.uuid() });
const response = { 200: analysis, ...errorResponses };

export function analyzeRoutes(app: App, deps: AppDeps): void {
  analyzeImage(app, deps);
  analyzeById(app, deps);
  app.post(
    '/api/v1/analyze',
    {
      config: { scope: 'images' },
      schema: { tags: ['Images'], summary: 'Legacy: redirects to analyze/image', deprecated: true },
    },
    async (request, reply) => {
      const query = request.url.indexOf('?');
      await reply.redirect(
        `/api/analyze/image${query === -1 ? '' : request.url.slice(query)}`,
        308,
      );
    },
  );
}

function analyzeImage(app: App, { images, imageInput }: AppDeps): void {
  app.post(
    '/api/v1/analyze/image',
    {
      config: { scope: 'images', waitsFor: visionGroup },
      schema: {
        tags: ['Images'],
        summary: 'Analyse an image at once',
        description:
          'Faces with box, landmarks, pose, quality, age, gender, emotion and liveness; objects; the time each stage took. `include` asks for more, `only` for less. The image is kept; `image_id` analyses it again.',
        consumes: imageConsumes,
        body: imageBody,
        querystring: options,
        response,
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      return await withImage(request, imageInput, caller.signal, async (image, fields) =>
        timed(
          reply,
          await images.analyze(image, optionsOf({ ...request.query, ...fields }), caller),
        ),
      );
    },
  );
}

function analyzeById(app: App, { images }: AppDeps): void {
  app.post(
    '/api/v1/analyze/by-id',
    {
      config: { scope: 'images' },
      schema: { tags: ['Images'], summary: 'Analyse an image that was kept', body: byId, response },
    },
    async (request, reply) =>
      timed(
        reply,
        await images.analyzeById(request.body.image_id, optionsOf(request.body), callerOf(reply)),
      ),
  );
}

function optionsOf({
  wipe_cache: wipeCache = false,
  include,
  only,
}: Omit<ImageFields, 'image_url'>): AnalyzeOptions {
  return { wipeCache, include, only };
}

function timed(reply: FastifyReply, found: Analysis): Analysis {
  reply.timings = found.timings_ms;
  return found;
}
