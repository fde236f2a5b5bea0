import { z } from 'zod';
import { user, userChange } from '../../protocol/account.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { originOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { listOf, pageQuery } from '../page-query.ts';
import { shownUser } from '../shown-account.ts';

const params = z.object({ id: z.uuid() });
const tags = ['Access'];
const config = { scope: 'admin', auditsItself: true } as const;
const response = { 200: user, ...errorResponses };

/** Accounts, for administrators. */
export function userRoutes(app: App, deps: AppDeps): void {
  readRoutes(app, deps);
  changeRoutes(app, deps);
}

function readRoutes(app: App, { accounts: { users } }: AppDeps): void {
  app.get(
    '/api/v1/users',
    {
      config,
      schema: {
        tags,
        summary: 'All accounts, newest first',
        querystring: pageQuery,
        response: { 200: listOf(user), ...errorResponses },
      },
    },
    async (request) => {
      const { items, nextCursor } = await users.list(request.query);
      return { items: items.map(shownUser), next_cursor: nextCursor };
    },
  );

  app.get(
    '/api/v1/users/:id',
    { config, schema: { tags, summary: 'One account', params, response } },
    async (request) => shownUser(await users.get(request.params.id)),
  );
}

function changeRoutes(app: App, { accounts: { users } }: AppDeps): void {
  app.patch(
    '/api/v1/users/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Change role, disable or enable',
        description: 'Takes effect at once here, and within 10 s on other servers.',
        params,
        body: userChange,
        response,
      },
    },
    async (request) =>
      shownUser(await users.change(request.params.id, request.body, originOf(request))),
  );

  app.delete(
    '/api/v1/users/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Delete an account with its logins and keys',
        params,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      await users.remove(request.params.id, originOf(request));
      return await reply.code(204).send();
    },
  );
}
