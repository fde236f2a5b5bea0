import { z } from 'zod';
import { auditEntry } from '../../protocol/account.ts';
import { storedText } from '../../protocol/stored-values.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { errorResponses } from '../error-responses.ts';
import { listOf, pageQuery } from '../page-query.ts';
import { shownEntry } from '../shown-account.ts';

const query = pageQuery.extend({
  actor_id: z.uuid().optional(),
  target: storedText(200).optional(),
  action: storedText(200).optional(),
});

/** Who changed what. */
export function auditRoutes(app: App, { accounts: { audit } }: AppDeps): void {
  app.get(
    '/api/v1/audit-log',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['Access'],
        summary: 'Who changed what, newest first',
        querystring: query,
        response: { 200: listOf(auditEntry), ...errorResponses },
      },
    },
    async (request) => {
      const { actor_id: actorId, ...rest } = request.query;
      const { items, nextCursor } = await audit.list({ ...rest, actorId });
      return { items: items.map(shownEntry), next_cursor: nextCursor };
    },
  );
}
