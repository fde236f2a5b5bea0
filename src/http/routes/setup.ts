import { z } from 'zod';
import { setupRequest, setupStatus } from '../../protocol/setup.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { errorResponses } from '../error-responses.ts';
import { EventStreams } from '../event-streams.ts';

export function setupRoutes(app: App, { setup, setupEvents }: AppDeps): void {
  app.post(
    '/api/v1/setup',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['Setup'],
        summary: 'Bring models and warm them up',
        description:
          'Everything that the server uses or, when packs or models are named, those. Starts in the background, or joins the run under way; `GET` and the event stream show how far it is. Packs with terms need `accept_licences`, once.',
        body: setupRequest,
        response: { 202: setupStatus, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { userId, kind } = request.identity;
      const { done } = await setup.request(request.body, userId ?? kind);
      done.catch((error: unknown) => request.log.error({ request_id: request.id, error }, 'setup'));
      return await reply.code(202).send(await setup.status());
    },
  );
  app.get(
    '/api/v1/setup',
    {
      config: { scope: 'models:read' },
      schema: {
        tags: ['Setup'],
        summary: 'How each model and pack stands',
        response: { 200: setupStatus, ...errorResponses },
      },
    },
    async () => await setup.status(),
  );

  const streams = new EventStreams(app);
  app.get(
    '/api/v1/setup/events',
    {
      config: { scope: 'models:read' },
      schema: {
        tags: ['Setup'],
        summary: 'The same as it happens, as server-sent events',
        description:
          'Events `setup` carry the state of the run and the models that changed, all of them at first. `Last-Event-ID` gets what was missed meanwhile.',
        headers: z.looseObject({ 'last-event-id': z.string().max(30).optional() }),
        produces: ['text/event-stream'],
        response: { 200: z.string(), ...errorResponses },
      },
    },
    async (request, reply) => {
      const given = Number(request.headers['last-event-id'] ?? Number.NaN);
      const lastId = Number.isSafeInteger(given) ? given : undefined;
      streams.open(reply, (send) =>
        setupEvents.listen(lastId, ({ id, data }) => send('setup', data, id)),
      );
      return reply;
    },
  );
}
