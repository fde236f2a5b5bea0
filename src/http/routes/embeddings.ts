import { z } from 'zod';
import { shown } from '../../embeddings/embedding-service.ts';
import { FoveaError } from '../../errors.ts';
import {
  defaultTemplate,
  embedTextsRequest,
  imageEmbeddings,
  textEmbeddings,
  zeroShot,
} from '../../protocol/embedding.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { imageListFields, listed, pictureFile, single, withPictures } from '../face-input.ts';
import { imageConsumes } from '../image-input.ts';
import { streamedBody } from '../streamed-bodies.ts';

/** A list, or text with commas or lines, as forms have it. */
function listOf(item: z.ZodString, most: number) {
  return z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(/[,\n]/)
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : value,
    z.array(item).min(1).max(most),
  );
}

const template = z.string().max(500).regex(/\{\}/, 'needs {} where the label goes');
const templates = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(template).min(1).max(80),
);
const images = z.object(imageListFields);
const zeroShotFields = z.object({
  ...imageListFields,
  labels: listOf(z.string().min(1).max(200), 1000).describe(
    'What the image may show: a list, or text with commas or lines.',
  ),
  template: templates
    .optional()
    .describe(
      `Wordings around a label; of several the mean counts. Unless given, ${defaultTemplate}.`,
    ),
  templates: templates.optional().describe('The same.'),
});
/** Labels times templates of one request. */
const mostWordings = 1000;

/** Images and texts as points of one space. Nothing is kept of the images. */
export function embeddingRoutes(app: App, deps: AppDeps): void {
  embedImages(app, deps);
  embedTexts(app, deps);
  zeroShotRoute(app, deps);
}

function embedImages(app: App, { embeddings, imageInput, library }: AppDeps): void {
  app.post(
    '/api/v1/embed/image',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Embeddings'],
        summary: 'Embed one or several images',
        consumes: imageConsumes,
        body: streamedBody(images.extend({ file: pictureFile })),
        response: { 200: imageEmbeddings, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      return await withPictures(
        request,
        { options: imageInput, library, viewer },
        { fileFields: ['file'], schema: images, pick: listed },
        async (pictures) => {
          const found = await embeddings.embedImages(pictures, viewer.signal);
          reply.timings = found.timings;
          return {
            embeddings: found.images.map(({ embedding, cached }, index) => ({
              image_id: pictures[index]?.imageId ?? null,
              embedding: shown(embedding),
              cached,
            })),
            dimensions: found.images[0]?.embedding.length ?? 0,
            model: found.model,
            timings_ms: found.timings,
          };
        },
      );
    },
  );
}

function embedTexts(app: App, { embeddings }: AppDeps): void {
  app.post(
    '/api/v1/embed/text',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Embeddings'],
        summary: 'Embed texts, in the space of the images',
        body: embedTextsRequest,
        response: { 200: textEmbeddings, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { signal } = callerOf(reply);
      const found = await embeddings.embedTexts(request.body.texts, signal);
      reply.timings = found.timings;
      return {
        embeddings: found.embeddings.map((embedding) => ({ embedding: shown(embedding) })),
        cached: found.cached,
        dimensions: found.embeddings[0]?.length ?? 0,
        model: found.model,
        timings_ms: found.timings,
      };
    },
  );
}

function zeroShotRoute(app: App, { embeddings, imageInput, library }: AppDeps): void {
  app.post(
    '/api/v1/zero-shot',
    {
      config: { scope: 'images' },
      schema: {
        tags: ['Embeddings'],
        summary: 'Say which of the labels fits an image',
        consumes: imageConsumes,
        body: streamedBody(zeroShotFields.extend({ file: pictureFile })),
        response: { 200: zeroShot, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      return await withPictures(
        request,
        { options: imageInput, library, viewer },
        {
          fileFields: ['file'],
          schema: zeroShotFields,
          pick: (files, fields) => [single('file', listed(files, fields))],
        },
        async ([picture], { labels, template: one = [], templates: all = [] }) => {
          if (!picture) throw new FoveaError('IMAGE_MISSING', 'The request has no image.');
          const wordings = [...one, ...all];
          if (wordings.length === 0) wordings.push(defaultTemplate);
          checkCount(labels, wordings);
          const found = await embeddings.zeroShot(picture, labels, wordings, viewer.signal);
          reply.timings = found.timings;
          return {
            labels: found.labels.map(({ label, score, similarity }) => ({
              label,
              score: rounded(score),
              similarity: rounded(similarity),
            })),
            cached: found.cached,
            model: found.model,
            timings_ms: found.timings,
          };
        },
      );
    },
  );
}

function checkCount(labels: readonly string[], wordings: readonly string[]): void {
  const count = labels.length * wordings.length;
  if (new Set(labels).size < labels.length)
    throw new FoveaError('REQUEST_INVALID', 'A label is given twice; send each once.');
  if (count > mostWordings)
    throw new FoveaError(
      'REQUEST_INVALID',
      `${labels.length} labels in ${wordings.length} templates are ${count} texts; at most ${mostWordings} go together.`,
      { texts: count, most: mostWordings },
    );
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6 + 0;
}
