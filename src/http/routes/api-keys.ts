import { z } from 'zod';
import { apiKey, newApiKey, shownApiKey } from '../../protocol/account.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { accountOf, originOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { listOf, pageQuery } from '../page-query.ts';
import { shownKey } from '../shown-account.ts';

const params = z.object({ id: z.uuid() });
const tags = ['Access'];
/** A key must not be able to make keys: whoever finds it would keep the access. */
const config = { scope: 'person', auditsItself: true } as const;

/** Keys with which programs act for a user: `Authorization: Bearer fov_…` or `X-API-Key`. */
export function apiKeyRoutes(app: App, deps: AppDeps): void {
  changeRoutes(app, deps);
  readRoutes(app, deps);
}

function changeRoutes(app: App, { accounts: { apiKeys } }: AppDeps): void {
  app.post(
    '/api/v1/api-keys',
    {
      config,
      schema: {
        tags,
        summary: 'Make an API key',
        description: 'The key is in this answer only; the server keeps its hash.',
        body: newApiKey,
        response: { 201: shownApiKey, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { name, scopes, expires_at: expires } = request.body;
      const wish = { name, scopes, expiresAt: expires ? new Date(expires) : null };
      const { record, key } = await apiKeys.create(accountOf(request), wish, originOf(request));
      return await reply
        .code(201)
        .header('location', `/api/v1/api-keys/${record.id}`)
        .header('cache-control', 'no-store')
        .send({ ...shownKey(record), key });
    },
  );

  app.delete(
    '/api/v1/api-keys/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Revoke an API key',
        params,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { userId } = accountOf(request);
      await apiKeys.revoke(request.params.id, userId, originOf(request));
      return await reply.code(204).send();
    },
  );
}

function readRoutes(app: App, { accounts: { apiKeys } }: AppDeps): void {
  app.get(
    '/api/v1/api-keys',
    {
      config,
      schema: {
        tags,
        summary: 'Own API keys, newest first',
        querystring: pageQuery,
        response: { 200: listOf(apiKey), ...errorResponses },
      },
    },
    async (request) => {
      const { items, nextCursor } = await apiKeys.list(accountOf(request).userId, request.query);
      return { items: items.map(shownKey), next_cursor: nextCursor };
    },
  );

  app.get(
    '/api/v1/api-keys/:id',
    {
      config,
      schema: {
        tags,
        summary: 'One API key, without the key itself',
        params,
        response: { 200: apiKey, ...errorResponses },
      },
    },
    async (request) => shownKey(await apiKeys.get(request.params.id, accountOf(request).userId)),
  );
}
