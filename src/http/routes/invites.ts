import { z } from 'zod';
import { invite, newInvite, shownInvite as invitation } from '../../protocol/account.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { originOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { listOf, pageQuery } from '../page-query.ts';
import { shownInvite } from '../shown-account.ts';

const params = z.object({ id: z.uuid() });
const tags = ['Access'];
const config = { scope: 'admin', auditsItself: true } as const;

/** Codes that let one person each register. */
export function inviteRoutes(app: App, { accounts: { invites } }: AppDeps): void {
  app.post(
    '/api/v1/invites',
    {
      config,
      schema: {
        tags,
        summary: 'Invite somebody',
        description: 'The code is in this answer only, and good for one registration.',
        body: newInvite,
        response: { 201: invitation, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { role, expires_in: expiresInSeconds } = request.body;
      const { record, code } = await invites.create({ role, expiresInSeconds }, originOf(request));
      return await reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...shownInvite(record), code });
    },
  );

  app.get(
    '/api/v1/invites',
    {
      config,
      schema: {
        tags,
        summary: 'Invites, newest first',
        querystring: pageQuery,
        response: { 200: listOf(invite), ...errorResponses },
      },
    },
    async (request) => {
      const { items, nextCursor } = await invites.list(request.query);
      return { items: items.map(shownInvite), next_cursor: nextCursor };
    },
  );

  app.delete(
    '/api/v1/invites/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Take back an invite',
        params,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      await invites.remove(request.params.id, originOf(request));
      return await reply.code(204).send();
    },
  );
}
