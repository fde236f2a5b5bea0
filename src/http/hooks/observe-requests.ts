import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DependencyName } from '../../dependencies/dependency.ts';
import type { App, AppDeps } from '../app-deps.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** Set by a route so that `Server-Timing` can name the stages. */
    timings: Readonly<Record<string, number>> | undefined;
  }
  interface FastifyRequest {
    /** What this request had to do without, noted while it was worked on. */
    lost: Set<DependencyName> | undefined;
  }
}

/** Request id, `Server-Timing` and `Fovea-Degraded` on every response; one log line and one metric per request. */
export function observeRequests(app: App, deps: AppDeps): void {
  app.decorateReply('timings', undefined);
  app.decorateRequest('lost');
  // With a callback, so that all that follows runs inside.
  app.addHook('onRequest', (request, _reply, done) => {
    request.lost = new Set();
    deps.degradations.during(request.lost, done);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('server-timing', serverTiming(reply));
    const lost = lostIn(request, deps);
    if (lost.length > 0) reply.header('fovea-degraded', lost.join(', '));
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

function lostIn({ lost }: FastifyRequest, { degradations }: AppDeps): DependencyName[] {
  return [...new Set([...degradations.now(), ...(lost ?? [])])];
}

function serverTiming(reply: FastifyReply): string {
  const stages = Object.entries(reply.timings ?? {}).filter(([stage]) => stage !== 'total');
  const all = [...stages, ['total', Math.round(reply.elapsedTime * 100) / 100]];
  return all.map(([stage, ms]) => `${stage};dur=${ms}`).join(', ');
}
