import { z } from 'zod';
import { deepHealth, liveness, readiness } from '../../protocol/health.ts';
import type { App, AppDeps } from '../app-deps.ts';

/** Balancers and orchestrators have no account. */
const config = { scope: 'public' } as const;

export function healthRoutes(app: App, { health, metrics }: AppDeps): void {
  const operations = (summary: string): { tags: string[]; summary: string } => ({
    tags: ['Operations'],
    summary,
  });

  app.get(
    '/health/live',
    {
      config,
      schema: { ...operations('Whether the process answers'), response: { 200: liveness } },
    },
    async () => ({ live: true }),
  );

  const ready = {
    config,
    schema: {
      ...operations('Whether a request sent now succeeds, and why not'),
      response: { 200: readiness, 503: readiness },
    },
  };
  for (const url of ['/health', '/health/ready']) {
    app.get(url, ready, async (_request, reply) => {
      const state = health.ready();
      return await reply.code(state.ready ? 200 : 503).send(state);
    });
  }

  app.get(
    '/health/deep',
    {
      config,
      schema: {
        ...operations('Every dependency tried for real, with an inference on a bundled image'),
        response: { 200: deepHealth, 503: deepHealth },
      },
    },
    async (_request, reply) => {
      const state = await health.deep();
      return await reply.code(state.ok ? 200 : 503).send(state);
    },
  );

  app.get(
    '/metrics',
    {
      config: { scope: 'admin', openOnLoopback: true, unlimited: true },
      schema: {
        ...operations('Metrics in the Prometheus text format'),
        produces: ['text/plain'],
        response: { 200: z.string() },
      },
    },
    async (_request, reply) => {
      return await reply
        .type(metrics.contentType)
        .serializer(String)
        .send(await metrics.render());
    },
  );
}
