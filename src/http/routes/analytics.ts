import { z } from 'zod';
import {
  analyticsOverview,
  analyticsQuery,
  errorAnalytics,
  modelAnalytics,
  modelAnalyticsQuery,
} from '../../protocol/analytics.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf, ownerSeenBy } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';

const params = z.object({ id: z.uuid() });
const tags = ['Analytics'];

/** Own predictions over time; an administrator's view holds everybody's. See docs/analytics.md for what the numbers mean. */
export function analyticsRoutes(app: App, { analytics, userModels }: AppDeps): void {
  app.get(
    '/api/v1/analytics/overview',
    {
      config: { scope: 'predict' },
      schema: {
        tags,
        summary: 'Volume, error rate and latency of all models',
        querystring: analyticsQuery,
        response: { 200: analyticsOverview, ...errorResponses },
      },
    },
    async (request) => await analytics.overview(ownerSeenBy(request), request.query),
  );

  app.get(
    '/api/v1/analytics/models/:id',
    {
      config: { scope: 'predict' },
      schema: {
        tags,
        summary: 'One model: also classes, confidence and the drift of its inputs',
        params,
        querystring: modelAnalyticsQuery,
        response: { 200: modelAnalytics, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await userModels.library.find(id, callerOf(reply));
      return await analytics.model(ownerSeenBy(request), id, request.query);
    },
  );

  app.get(
    '/api/v1/analytics/errors',
    {
      config: { scope: 'predict' },
      schema: {
        tags,
        summary: 'Failures by code, model and version',
        querystring: analyticsQuery,
        response: { 200: errorAnalytics, ...errorResponses },
      },
    },
    async (request) => await analytics.errors(ownerSeenBy(request), request.query),
  );
}
