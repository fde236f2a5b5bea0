import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DependencyName } from '../../dependencies/dependency.ts';
import { accessLogger } from '../../telemetry/logger.ts';
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
  const log = accessLogger(deps.logger);
  app.decorateReply('timings', undefined);
  app.decorateRequest('lost');
  // With a callback, so that all that follows runs inside.
  app.addHook('onRequest', (request, _reply, done) => {
    request.lost = new Set();
    deps.degradations.during(request.lost, done);
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('server-timing', serverTiming(reply));
    const lost = lostIn(request, deps);
    if (lost.length > 0) reply.header('fovea-degraded', lost.join(', '));
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method, id, ip } = request;
    const status = reply.statusCode;
    const ms = rounded(reply.elapsedTime);
    deps.metrics.request(method, route, status, ms);
    // A server that is not ready is asked often, and says so in its answer.
    const level = isProbe(route) ? 'debug' : status >= 500 ? 'error' : 'info';
    log[level]({ request_id: id, method, route, status, ms, ip }, 'request');
    done();
  });
}

function isProbe(route: string): boolean {
  return route.startsWith('/health') || route.startsWith('/metrics');
}

function lostIn({ lost }: FastifyRequest, { degradations }: AppDeps): DependencyName[] {
  return [...new Set([...degradations.now(), ...(lost ?? [])])];
}

function serverTiming(reply: FastifyReply): string {
  let text = '';
  for (const stage in reply.timings)
    if (stage !== 'total') text += `${stage};dur=${reply.timings[stage]}, `;
  return `${text}total;dur=${rounded(reply.elapsedTime)}`;
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
