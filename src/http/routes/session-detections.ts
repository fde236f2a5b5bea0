import { z } from 'zod';
import type { DetectionRecord } from '../../db/session-detections.ts';
import { timeOfUuid } from '../../db/uuid-time.ts';
import { visionGroup } from '../../images/analyzer.ts';
import {
  keptDetection,
  sessionDetection,
  sessionSummary,
  type KeptDetection,
} from '../../protocol/session.ts';
import { shownDetection } from '../../sessions/session-detector.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { detectOptions, detectQuery } from '../detect-query.ts';
import { errorResponses } from '../error-responses.ts';
import { flag, imageBody, imageConsumes, withImage } from '../image-input.ts';
import { listOf, pageQuery } from '../page-query.ts';

const tags = ['Sessions'];
const config = { scope: 'sessions' } as const;
const params = z.object({ id: z.uuid() });
const detectionParams = params.extend({ detection_id: z.uuid() });

/** Frames of sessions, and what was found in them. */
export function sessionDetectionRoutes(app: App, deps: AppDeps): void {
  detectRoute(app, deps);
  listRoutes(app, deps);
}

function detectRoute(app: App, { sessions: { detector }, imageInput }: AppDeps): void {
  app.post(
    '/api/v1/sessions/:id/detect',
    {
      config: { ...config, countsForSession: true, waitsFor: visionGroup },
      schema: {
        tags,
        summary: 'Find objects in a frame of a session',
        description:
          'While no model can be had at all, the answer is 200 with no detections and `degraded: ["model"]`; one that is named by `model` and cannot be had is an error.',
        params,
        consumes: imageConsumes,
        body: imageBody,
        querystring: z.object({
          ...detectQuery,
          keep_frame: flag
            .optional()
            .describe('Keep the frame as an image; `FOVEA_KEEP_FRAMES` says what is usual.'),
        }),
        response: { 200: sessionDetection, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      const { model, version, keep_frame: keepFrame, ...query } = request.query;
      const wishes = { model, version, keepFrame, options: detectOptions(query) };
      const detection = await withImage(request, imageInput, caller.signal, async (frame) =>
        detector.detect(request.params.id, frame, wishes, caller),
      );
      reply.timings = detection.timings_ms;
      return detection;
    },
  );
}

function listRoutes(app: App, { sessions: { history }, library }: AppDeps): void {
  app.get(
    '/api/v1/sessions/:id/detections',
    {
      config,
      schema: {
        tags,
        summary: 'What was found in the frames of a session, newest first',
        params,
        querystring: pageQuery.extend({
          class: z
            .string()
            .min(1)
            .max(200)
            .optional()
            .describe('Only frames that show this label.'),
        }),
        response: { 200: listOf(keptDetection), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { class: label, ...page } = request.query;
      const found = await history.list(request.params.id, callerOf(reply), { ...page, label });
      return { items: found.items.map(shown), next_cursor: found.nextCursor };
    },
  );
  app.get(
    '/api/v1/sessions/:id/detections/:detection_id',
    {
      config,
      schema: {
        tags,
        summary: 'What was found in one frame',
        params: detectionParams,
        response: { 200: keptDetection, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { id, detection_id: detectionId } = request.params;
      return shown(await history.get(id, callerOf(reply), detectionId));
    },
  );
  app.get(
    '/api/v1/sessions/:id/detections/:detection_id/frame',
    {
      config,
      schema: { tags, summary: 'The frame as it came, if it was kept', params: detectionParams },
    },
    async (request, reply) => {
      const { id, detection_id: detectionId } = request.params;
      const caller = callerOf(reply);
      const detection = await history.get(id, caller, detectionId);
      const { imageId, ownerId } = detection;
      const record = await library.find(imageId ?? detectionId, { ownerId });
      const bytes = await library.content(record);
      reply.header('cache-control', 'private, max-age=3600, immutable');
      return await reply
        .type(`image/${record.format}`)
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  );
  app.get(
    '/api/v1/sessions/:id/summary',
    {
      config,
      schema: {
        tags,
        summary: 'Counts, latencies, and what was first and last seen when',
        params,
        response: { 200: sessionSummary, ...errorResponses },
      },
    },
    async (request, reply) => await history.summary(request.params.id, callerOf(reply)),
  );
}

function shown(record: DetectionRecord): KeptDetection {
  return { ...shownDetection(record), created_at: timeOfUuid(record.id).toISOString() };
}
