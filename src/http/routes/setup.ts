import { setupStatus } from '../../protocol/setup.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { errorResponses } from '../error-responses.ts';

export function setupRoutes(app: App, { setup }: AppDeps): void {
  app.post(
    '/api/v1/setup',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['Setup'],
        summary: 'Bring the models and warm them up',
        description:
          'Starts in the background, or joins the run under way; `GET` shows how far it is.',
        response: { 202: setupStatus, ...errorResponses },
      },
    },
    async (_request, reply) => {
      void setup.start();
      return await reply.code(202).send(setup.status());
    },
  );
  app.get(
    '/api/v1/setup',
    {
      config: { scope: 'models:read' },
      schema: {
        tags: ['Setup'],
        summary: 'How each model stands',
        response: { 200: setupStatus, ...errorResponses },
      },
    },
    async () => setup.status(),
  );
}
