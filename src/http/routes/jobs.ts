import { z } from 'zod';
import { shownJob } from '../../jobs/shown-job.ts';
import { job, jobFormat, jobList } from '../../protocol/job.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf, ownerSeenBy } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { jobContentTypes, jobInput } from '../job-input.ts';

const params = z.object({ id: z.uuid() });
const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional(),
});
const query = z.object({
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('A number (3, v3) or an alias; `default` without it. The job stays with it.'),
  format: jobFormat.optional().describe('Unless name or Content-Type of the file say it.'),
});
const tags = ['Jobs'];
const config = { scope: 'predict' } as const;
const extensions = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;

/** Batch predictions: a file of rows in, the same file with predictions out. See docs/jobs.md. */
export function jobRoutes(app: App, deps: AppDeps): void {
  createRoute(app, deps);
  readRoutes(app, deps);
  endRoutes(app, deps);
}

function createRoute(app: App, { jobs: { batch, maxBytes } }: AppDeps): void {
  const types = Object.keys(jobContentTypes);
  app.addContentTypeParser(types, (_request, payload, done) => done(null, payload));
  app.post(
    '/api/v1/predict/:id/jobs',
    {
      config: { ...config, slowBody: true },
      schema: {
        tags,
        summary: 'Predict every row of a CSV or NDJSON file',
        description:
          'The file is the body, or the field `file` of a form; it is streamed to disk. Rows run in the background, after interactive predictions.',
        consumes: ['multipart/form-data', ...types],
        params,
        querystring: query,
        response: { 202: job, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { ownerId, seesAll } = callerOf(reply);
      const { version: reference, format: asked } = request.query;
      const { format, content } = await jobInput(request, asked, maxBytes);
      const target = { modelId: request.params.id, reference, ownerId, seesAll: seesAll ?? false };
      try {
        const made = await batch.create(target, format, content);
        return await reply
          .code(202)
          .header('location', `/api/v1/jobs/${made.id}`)
          .send(shownJob(made));
      } catch (error) {
        content.destroy();
        request.raw.resume();
        throw error;
      }
    },
  );
}

function readRoutes(app: App, { jobs: { batch } }: AppDeps): void {
  app.get(
    '/api/v1/jobs',
    {
      config,
      schema: {
        tags,
        summary: 'Own batch jobs, newest first',
        querystring: page,
        response: { 200: jobList, ...errorResponses },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const { items, nextCursor } = await batch.list(ownerSeenBy(request), limit, cursor);
      return { items: items.map(shownJob), next_cursor: nextCursor };
    },
  );
  app.get(
    '/api/v1/jobs/:id',
    {
      config,
      schema: {
        tags,
        summary: 'How far a job is',
        params,
        response: { 200: job, ...errorResponses },
      },
    },
    async (request) => shownJob(await batch.find(request.params.id, ownerSeenBy(request))),
  );
  app.get(
    '/api/v1/jobs/:id/result',
    {
      config,
      schema: {
        tags,
        summary: 'The file with its predictions',
        description: 'Of a failed or cancelled job: the rows that were done.',
        produces: Object.values(extensions),
        params,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { job: found, content } = await batch.result(id, ownerSeenBy(request));
      reply.header('content-disposition', `attachment; filename="${id}.${found.format}"`);
      return await reply.type(extensions[found.format]).send(content);
    },
  );
}

function endRoutes(app: App, { jobs: { batch } }: AppDeps): void {
  app.post(
    '/api/v1/jobs/:id/cancel',
    {
      config,
      schema: {
        tags,
        summary: 'Stop a job; what is done stays',
        params,
        response: { 200: job, ...errorResponses },
      },
    },
    async (request) => shownJob(await batch.cancel(request.params.id, ownerSeenBy(request))),
  );
  app.delete(
    '/api/v1/jobs/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Stop a job and delete it with its files',
        params,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      await batch.remove(request.params.id, ownerSeenBy(request));
      return await reply.code(204).send();
    },
  );
}
