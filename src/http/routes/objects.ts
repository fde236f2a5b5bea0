import { randomUUIDv7 } from 'node:crypto';
import { z } from 'zod';
import { classification, detection } from '../../protocol/analysis.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { imageBody, imageConsumes, withImage } from '../image-input.ts';

const model = z
  .string()
  .max(64)
  .optional()
  .describe('Name of the model, when it is not to be the first one for the task.');
const top = z.coerce
  .number()
  .int()
  .min(1)
  .max(100)
  .default(5)
  .describe('Most classes in the answer.');

export function objectRoutes(app: App, { images, imageInput }: AppDeps): void {
  app.post(
    '/api/v1/detect',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Objects'],
        summary: 'Find objects in an image',
        consumes: imageConsumes,
        body: imageBody,
        querystring: z.object({ model }),
        response: { 200: detection, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      const found = await withImage(request, imageInput, caller.signal, (image) =>
        images.look(image, 'objects', request.query.model, caller),
      );
      const { width, height, objects = [], models } = found.output;
      reply.timings = found.timings;
      return {
        detection_id: randomUUIDv7(),
        width,
        height,
        detections: [...objects],
        timings_ms: found.timings,
        models: [...models],
        degraded: [],
      };
    },
  );

  app.post(
    '/api/v1/classify',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Objects'],
        summary: 'Say what an image shows',
        description:
          'Needs a model for the task image-classification; `fovea models import` brings one.',
        consumes: imageConsumes,
        body: imageBody,
        querystring: z.object({ model, top }),
        response: { 200: classification, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      const found = await withImage(request, imageInput, caller.signal, (image) =>
        images.look(image, 'classes', request.query.model, caller),
      );
      const { classes = [], models } = found.output;
      reply.timings = found.timings;
      return {
        classes: classes.slice(0, request.query.top),
        timings_ms: found.timings,
        models: [...models],
      };
    },
  );
}
