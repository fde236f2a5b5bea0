import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { analysis, type Analysis } from '../../protocol/analysis.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { flag, imageBody, imageConsumes, withImage } from '../image-input.ts';

const query = z.object({
  wipe_cache: flag.default(false).describe('Drop what is cached for the image and compute anew.'),
});
const byId = z.object({ image_id: z.uuid(), wipe_cache: flag.default(false) });
const response = { 200: analysis, ...errorResponses };

export function analyzeRoutes(app: App, deps: AppDeps): void {
  analyzeImage(app, deps);
  analyzeById(app, deps);
  app.post(
    '/api/v1/analyze',
    {
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
      schema: {
        tags: ['Images'],
        summary: 'Analyse an image at once',
        description:
          'Every face with box, landmarks, pose and quality, and the time each stage took. The image is kept; `image_id` analyses it again.',
        consumes: imageConsumes,
        body: imageBody,
        querystring: query,
        response,
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      return await withImage(request, imageInput, caller.signal, async (image, fields) => {
        const wipeCache = fields.wipe_cache ?? request.query.wipe_cache;
        return timed(reply, await images.analyze(image, { wipeCache }, caller));
      });
    },
  );
}

function analyzeById(app: App, { images }: AppDeps): void {
  app.post(
    '/api/v1/analyze/by-id',
    {
      schema: { tags: ['Images'], summary: 'Analyse an image that was kept', body: byId, response },
    },
    async (request, reply) => {
      const { image_id: id, wipe_cache: wipeCache } = request.body;
      return timed(reply, await images.analyzeById(id, { wipeCache }, callerOf(reply)));
    },
  );
}

function timed(reply: FastifyReply, found: Analysis): Analysis {
  reply.timings = found.timings_ms;
  return found;
}
