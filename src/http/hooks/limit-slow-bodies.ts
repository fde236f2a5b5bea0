import type { App } from '../app-deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may take as long as an upload. */
    slowBody?: boolean;
  }
}

const timedOut = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/** A slow sender must not hold a connection for longer than a request may take. */
export function limitSlowBodies(app: App, limitMs: number): void {
  app.addHook('onRequest', async ({ raw, routeOptions }) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
    const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
    if (!hasBody || routeOptions.config.slowBody) return;
    const timer = setTimeout(() => {
      if (raw.complete) return;
      raw.socket.end(timedOut);
      raw.destroy();
    }, limitMs);
    raw.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  });
}
