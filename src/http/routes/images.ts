import { z } from 'zod';
import type { ImageRecord } from '../../db/images.ts';
import { keptImage, type KeptImage } from '../../protocol/image.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';

const params = z.object({ id: z.uuid() });
const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional(),
});
const imageList = z.object({ items: z.array(keptImage), next_cursor: z.string().nullable() });

export function imageRoutes(app: App, deps: AppDeps): void {
  readRoutes(app, deps);
  app.delete(
    '/api/v1/images/:id',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Images'],
        summary: 'Delete a kept image',
        params,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      await deps.images.remove(request.params.id, callerOf(reply));
      return await reply.code(204).send();
    },
  );
}

function readRoutes(app: App, { library }: AppDeps): void {
  app.get(
    '/api/v1/images',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Images'],
        summary: 'Kept images, newest first',
        querystring: page,
        response: { 200: imageList, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { items, nextCursor } = await library.list(callerOf(reply), request.query);
      return { items: items.map(shown), next_cursor: nextCursor };
    },
  );

  app.get(
    '/api/v1/images/:id',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Images'],
        summary: 'What is known of a kept image',
        params,
        response: { 200: keptImage, ...errorResponses },
      },
    },
    async (request, reply) => {
      return shown(await library.find(request.params.id, callerOf(reply)));
    },
  );

  app.get(
    '/api/v1/images/:id/content',
    {
      config: { scope: 'images' },
      schema: { tags: ['Images'], summary: 'The image file as it came', params },
    },
    async (request, reply) => {
      const record = await library.find(request.params.id, callerOf(reply));
      const bytes = await library.content(record);
      reply
        .header('cache-control', 'private, max-age=3600, immutable')
        .header('etag', `"${record.sha256}"`);
      return await reply
        .type(`image/${record.format}`)
        .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  );
}

function shown(record: ImageRecord): KeptImage {
  const { id, format, width, height, byteSize, sha256, source, createdAt } = record;
  return {
    image_id: id,
    format,
    width,
    height,
    size_bytes: byteSize,
    sha256,
    source,
    created_at: createdAt.toISOString(),
  };
}
