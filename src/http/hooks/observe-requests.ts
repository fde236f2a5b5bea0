import type { FastifyReply } from 'fastify';
import type { App, AppDeps } from '../app-deps.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** Set by a route so that `Server-Timing` can name the stages. */
    timings: Readonly<Record<string, number>> | undefined;
  }
}

/** Request id, `Server-Timing` and `Fovea-Degraded` on every response; one log line and one metric per request. */
export function observeRequests(app: App, deps: AppDeps): void {
  app.decorateReply('timings', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('server-timing', serverTiming(reply));
    const degraded = deps.health.degraded();
    if (degraded.length > 0) reply.header('fovea-degraded', degraded.join(', '));
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const ms = Math.round(reply.elapsedTime * 100) / 100;
    deps.metrics.request(request.method, route, reply.statusCode, ms);
    const level =
      reply.statusCode >= 500 ? 'error' : /^\/(health|metrics)/.test(route) ? 'debug' : 'info';
    request.log[level](
      { method: request.method, route, status: reply.statusCode, ms, ip: request.ip },
      'request',
    );
  });
}

function serverTiming(reply: FastifyReply): string {
  const stages = Object.entries(reply.timings ?? {}).filter(([stage]) => stage !== 'total');
  const all = [...stages, ['total', Math.round(reply.elapsedTime * 100) / 100]];
  return all.map(([stage, ms]) => `${stage};dur=${ms}`).join(', ');
}
