import type { IncomingMessage } from 'node:http';
import type { App } from '../app-deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may take as long as an upload. */
    slowBody?: boolean;
  }
}

interface Awaited {
  readonly request: IncomingMessage;
  readonly until: number;
}

const timedOut = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';
/** How often it is looked, at the most: a body may take that much longer. */
const mostLookEveryMs = 250;

/**
 * A slow sender must not hold a connection for longer than a request may take. One clock looks at
 * all bodies that are on their way: most of them are whole before it looks at all.
 */
export function limitSlowBodies(app: App, limitMs: number): void {
  let awaited: Awaited[] = [];
  const look = (): void => {
    const now = performance.now();
    awaited = awaited.filter(({ request, until }) => {
      if (request.complete || request.destroyed) return false;
      if (now < until) return true;
      request.socket.end(timedOut);
      request.destroy();
      return false;
    });
  };
  const clock = setInterval(look, Math.min(mostLookEveryMs, limitMs / 4)).unref();
  app.addHook('onClose', () => clearInterval(clock));
  app.addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
    const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
    if (hasBody && !routeOptions.config.slowBody)
      awaited.push({ request: raw, until: performance.now() + limitMs });
    done();
  });
}
