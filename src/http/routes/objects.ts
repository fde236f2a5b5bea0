import { randomUUIDv7 } from 'node:crypto';
import { z } from 'zod';
import { visionGroup } from '../../images/analyzer.ts';
import { noTimings } from '../../objects/degradable-detector.ts';
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

export function objectRoutes(app: App, deps: AppDeps): void {
  detectRoute(app, deps);
  classifyRoute(app, deps);
}

function detectRoute(app: App, { detector, imageInput }: AppDeps): void {
  app.post(
    '/api/v1/detect',
    {
      config: { scope: 'images', waitsFor: visionGroup },
      schema: {
        tags: ['Objects'],
        summary: 'Find objects in an image',
        description:
          'While no model can be had at all, the answer is 200 with no detections and `degraded: ["model"]`; one that is named by `model` and cannot be had is an error.',
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
      const found = await withImage(
        request,
        imageInput,
        caller.signal,
        async ({ bytes, sha256 }) =>
          await detector.detect({ bytes, sha256, model, version, options, caller }),
      );
      const timings = found?.timings ?? noTimings;
      reply.timings = timings;
      return {
        detection_id: randomUUIDv7(),
        width: found?.width ?? null,
        height: found?.height ?? null,
        detections: [...(found?.detections ?? [])],
        timings_ms: timings,
        models: [...(found?.models ?? [])],
        degraded: found ? [] : ['model'],
      };
    },
  );
}

function classifyRoute(app: App, { objects, imageInput }: AppDeps): void {
  app.post(
    '/api/v1/classify',
    {
      config: { scope: 'images', waitsFor: visionGroup },
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
