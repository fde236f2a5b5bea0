import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CollectionPlace } from '../../collections/people.ts';
import {
  enrolledFace,
  enrolment,
  merge,
  newPerson,
  person,
  personChange,
} from '../../protocol/collection.ts';
import { oneFace } from '../../protocol/faces.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf, originOf, ownerSeenBy } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { imageListFields, listed, pictureFile, withPictures } from '../face-input.ts';
import { flag, imageConsumes } from '../image-input.ts';
import { listOf, pageQuery } from '../page-query.ts';
import { shownFace, shownPerson } from '../shown-collection.ts';
import { shownRecogniser } from '../shown-faces.ts';
import { streamedBody } from '../streamed-bodies.ts';

const tags = ['Collections'];
const config = { scope: 'faces', auditsItself: true } as const;
const inCollection = z.object({ id: z.uuid() });
const params = inCollection.extend({ person_id: z.uuid() });
const faceParams = params.extend({ face_id: z.uuid() });

/** The people of a collection and their faces. */
export function personRoutes(app: App, deps: AppDeps): void {
  createRoute(app, deps);
  readRoutes(app, deps);
  changeRoutes(app, deps);
  removeRoutes(app, deps);
  enrolRoute(app, deps);
}

function placeOf(request: FastifyRequest): CollectionPlace {
  return { id: (request.params as { id: string }).id, owner: ownerSeenBy(request) };
}

function createRoute(app: App, { collections: { people } }: AppDeps): void {
  app.post(
    '/api/v1/collections/:id/persons',
    {
      config,
      schema: {
        tags,
        summary: 'Add a person',
        params: inCollection,
        body: newPerson,
        response: { 201: person, ...errorResponses },
      },
    },
    async (request, reply) => {
      const made = await people.add(placeOf(request), request.body, originOf(request));
      return await reply
        .code(201)
        .header('location', `/api/v1/collections/${made.collectionId}/persons/${made.id}`)
        .send(shownPerson(made));
    },
  );
}

function readRoutes(app: App, { collections: { people } }: AppDeps): void {
  app.get(
    '/api/v1/collections/:id/persons',
    {
      config,
      schema: {
        tags,
        summary: 'The people of a collection, newest first',
        params: inCollection,
        querystring: pageQuery.extend({
          name: z.string().min(1).max(200).optional().describe('A part of the name.'),
        }),
        response: { 200: listOf(person), ...errorResponses },
      },
    },
    async (request) => {
      const { items, nextCursor } = await people.list(placeOf(request), request.query);
      return { items: items.map(shownPerson), next_cursor: nextCursor };
    },
  );

  app.get(
    '/api/v1/collections/:id/persons/:person_id',
    {
      config,
      schema: { tags, summary: 'A person', params, response: { 200: person, ...errorResponses } },
    },
    async (request) => shownPerson(await people.find(placeOf(request), request.params.person_id)),
  );

  app.get(
    '/api/v1/collections/:id/persons/:person_id/faces',
    {
      config,
      schema: {
        tags,
        summary: "A person's faces, newest first",
        params,
        querystring: pageQuery,
        response: { 200: listOf(enrolledFace), ...errorResponses },
      },
    },
    async (request) => {
      const { person_id: personId } = request.params;
      const { collection, page } = await people.faces(placeOf(request), personId, request.query);
      return {
        items: page.items.map((face) => shownFace(face, collection.model?.digest)),
        next_cursor: page.nextCursor,
      };
    },
  );
}

function changeRoutes(app: App, { collections: { people } }: AppDeps): void {
  app.patch(
    '/api/v1/collections/:id/persons/:person_id',
    {
      config,
      schema: {
        tags,
        summary: 'Rename a person',
        params,
        body: personChange,
        response: { 200: person, ...errorResponses },
      },
    },
    async (request) => {
      const { person_id: personId } = request.params;
      const edited = await people.edit(placeOf(request), personId, request.body, originOf(request));
      return shownPerson(edited);
    },
  );

  app.post(
    '/api/v1/collections/:id/persons/:person_id/merge',
    {
      config,
      schema: {
        tags,
        summary: 'Make several persons one',
        description: 'Their faces become this one’s; their names and metadata go. All or nothing.',
        params,
        body: merge,
        response: { 200: person, ...errorResponses },
      },
    },
    async (request) => {
      const { person_id: personId } = request.params;
      const { from } = request.body;
      return shownPerson(await people.merge(placeOf(request), personId, from, originOf(request)));
    },
  );
}

function removeRoutes(app: App, { collections: { people } }: AppDeps): void {
  app.delete(
    '/api/v1/collections/:id/persons/:person_id',
    {
      config,
      schema: {
        tags,
        summary: 'Delete a person',
        description: 'With all faces, their vectors, and images that were sent only to enrol them.',
        params,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      await people.remove(placeOf(request), request.params.person_id, originOf(request));
      return await reply.code(204).send();
    },
  );

  app.delete(
    '/api/v1/collections/:id/persons/:person_id/faces/:face_id',
    {
      config,
      schema: {
        tags,
        summary: 'Delete one face of a person',
        params: faceParams,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { person_id: personId, face_id: faceId } = request.params;
      await people.removeFace(placeOf(request), personId, faceId, originOf(request));
      return await reply.code(204).send();
    },
  );
}

const enrolFields = z.object({
  ...imageListFields,
  face: oneFace
    .optional()
    .describe('Which face: largest, most_central, or an index; needed where there are several.'),
  force: flag.default(false).describe('Enrol in spite of what the quality lacks.'),
});

function enrolRoute(app: App, { collections, imageInput: options, library }: AppDeps): void {
  app.post(
    '/api/v1/collections/:id/persons/:person_id/faces',
    {
      config,
      schema: {
        tags,
        summary: 'Enrol faces of a person',
        description:
          'One face per image, from every image that is good enough; `rejected` says what the others lack. Images are kept for as long as a face of theirs is enrolled.',
        consumes: imageConsumes,
        params,
        body: streamedBody(enrolFields.extend({ file: pictureFile })),
        response: { 201: enrolment, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      const done = await withPictures(
        request,
        { options, library, viewer },
        { fileFields: ['file'], schema: enrolFields, pick: listed },
        async (pictures, { face, force }) =>
          collections.enroller.enrol(
            {
              place: placeOf(request),
              person: { id: request.params.person_id },
              pictures,
              choice: face,
              force,
            },
            originOf(request),
            viewer.signal,
          ),
      );
      const { embedder } = done;
      return await reply.code(201).send({
        person: shownPerson(done.person),
        faces: done.faces.map((each) => shownFace(each, embedder.digest)),
        rejected: [...done.rejected],
        model: shownRecogniser(embedder),
      });
    },
  );
}
