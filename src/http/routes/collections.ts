import { z } from 'zod';
import {
  collection,
  collectionChange,
  newCollection,
  reembedJob,
} from '../../protocol/collection.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { originOf, ownerSeenBy } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { listOf, pageQuery } from '../page-query.ts';
import { shownCollection, shownReembedJob } from '../shown-collection.ts';

const tags = ['Collections'];
const config = { scope: 'faces', auditsItself: true } as const;
const params = z.object({ id: z.uuid() });

/** Collections of people. */
export function collectionRoutes(app: App, deps: AppDeps): void {
  readRoutes(app, deps);
  changeRoutes(app, deps);
  reembedRoutes(app, deps);
}

/** Of the recogniser in use; undefined when there is none. */
function digestInUse({ faces }: Pick<AppDeps, 'faces'>): string | undefined {
  try {
    return faces.suite().embedder?.digest;
  } catch {
    return undefined; // no models at all: a collection can be looked at nevertheless
  }
}

function readRoutes(app: App, deps: AppDeps): void {
  const { collections } = deps.collections;
  app.get(
    '/api/v1/collections',
    {
      config,
      schema: {
        tags,
        summary: 'Own collections, newest first',
        querystring: pageQuery,
        response: { 200: listOf(collection), ...errorResponses },
      },
    },
    async (request) => {
      const { items, nextCursor } = await collections.list(ownerSeenBy(request), request.query);
      const digest = digestInUse(deps);
      return { items: items.map((each) => shownCollection(each, digest)), next_cursor: nextCursor };
    },
  );

  app.get(
    '/api/v1/collections/:id',
    {
      config,
      schema: {
        tags,
        summary: 'A collection',
        params,
        response: { 200: collection, ...errorResponses },
      },
    },
    async (request) =>
      shownCollection(
        await collections.find(request.params.id, ownerSeenBy(request)),
        digestInUse(deps),
      ),
  );
}

function changeRoutes(app: App, deps: AppDeps): void {
  const { collections } = deps.collections;
  app.post(
    '/api/v1/collections',
    {
      config,
      schema: {
        tags,
        summary: 'Make a collection',
        body: newCollection,
        response: { 201: collection, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { threshold = null, ...wish } = request.body;
      const { userId: ownerId } = request.identity;
      const made = await collections.create({ ...wish, threshold, ownerId }, originOf(request));
      return await reply
        .code(201)
        .header('location', `/api/v1/collections/${made.id}`)
        .send(shownCollection(made, digestInUse(deps)));
    },
  );

  app.patch(
    '/api/v1/collections/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Rename or describe a collection',
        params,
        body: collectionChange,
        response: { 200: collection, ...errorResponses },
      },
    },
    async (request) => {
      const { id } = request.params;
      const owner = ownerSeenBy(request);
      const edited = await collections.edit(id, owner, request.body, originOf(request));
      return shownCollection(edited, digestInUse(deps));
    },
  );

  app.delete(
    '/api/v1/collections/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Delete a collection',
        description:
          'With everybody in it: persons, vectors, and images that were sent only to enrol.',
        params,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      await collections.remove(request.params.id, ownerSeenBy(request), originOf(request));
      return await reply.code(204).send();
    },
  );
}

function reembedRoutes(app: App, { collections: { reembedding } }: AppDeps): void {
  app.post(
    '/api/v1/collections/:id/reembed',
    {
      config,
      schema: {
        tags,
        summary: 'Make all vectors anew with the recogniser in use',
        description: 'From the images that were kept. Until it is done nobody is identified.',
        params,
        response: { 202: reembedJob, ...errorResponses },
      },
    },
    async (request, reply) => {
      const place = { id: request.params.id, owner: ownerSeenBy(request) };
      const job = await reembedding.start(place, originOf(request));
      return await reply.code(202).send(shownReembedJob(job));
    },
  );

  app.get(
    '/api/v1/collections/:id/reembed',
    {
      config,
      schema: {
        tags,
        summary: 'How far making the vectors anew is',
        params,
        response: { 200: reembedJob, ...errorResponses },
      },
    },
    async (request) =>
      shownReembedJob(
        await reembedding.find({ id: request.params.id, owner: ownerSeenBy(request) }),
      ),
  );
}
