import { randomUUIDv7 } from 'node:crypto';
import { z } from 'zod';
import { classification, detection } from '../../protocol/analysis.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { detectOptions, detectQuery, lookQuery } from '../detect-query.ts';
import { errorResponses } from '../error-responses.ts';
import { imageBody, imageConsumes, withImage } from '../image-input.ts';

const top = z.coerce
  .number()
  .int()
  .min(1)
  .max(100)
  .default(5)
  .describe('Most classes in the answer.');

export function objectRoutes(app: App, { objects, imageInput }: AppDeps): void {
  app.post(
    '/api/v1/detect',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Objects'],
        summary: 'Find objects in an image',
        consumes: imageConsumes,
        body: imageBody,
        querystring: z.object(detectQuery),
        response: { 200: detection, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      const { model, version, ...query } = request.query;
      const options = detectOptions(query);
      const { width, height, detections, timings, models } = await withImage(
        request,
        imageInput,
        caller.signal,
        async ({ bytes, sha256 }) =>
          await objects.detect({ bytes, sha256, model, version, options, caller }),
      );
      reply.timings = timings;
      return {
        detection_id: randomUUIDv7(),
        width,
        height,
        detections: [...detections],
        timings_ms: timings,
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
          'Needs a model for it: `fovea models push <file>.onnx --task classify`, or `fovea models import`.',
        consumes: imageConsumes,
        body: imageBody,
        querystring: z.object({ ...lookQuery, top }),
        response: { 200: classification, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      const { model, version, top: most } = request.query;
      const { classes, timings, models } = await withImage(
        request,
        imageInput,
        caller.signal,
        async ({ bytes, sha256 }) =>
          await objects.classify({ bytes, sha256, model, version, caller }),
      );
      reply.timings = timings;
      return {
        classes: classes.slice(0, most),
        timings_ms: timings,
        models: [...models],
      };
    },
  );
}
