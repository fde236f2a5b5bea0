import type { Audit, Change } from '../../accounts/audit.ts';
import type { App } from '../app-deps.ts';
import { originOf } from '../caller.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The service behind the route writes its own entry, in the transaction of the change. */
    auditsItself?: boolean;
  }

  interface FastifyRequest {
    /** What the entry of this change says beyond its route and the id in it. */
    changed?: Omit<Change, 'action'>;
  }
}

/** What is asked often and has a log of its own: analyses, predictions, uploads of images. */
const work: ReadonlySet<unknown> = new Set(['images', 'faces', 'predict', 'sessions']);

/**
 * An audit entry for every change that succeeded: by what the route declares, so that a new route
 * cannot be forgotten. Work on images, faces and sessions is not a change; deleting and editing are.
 */
export function auditChanges(app: App, audit: Audit): void {
  app.addHook('onResponse', (request, reply, done) => {
    done();
    const { config, url } = request.routeOptions;
    const { method, params } = request;
    const changes =
      method === 'POST' ? !work.has(config.scope) : /^(PUT|PATCH|DELETE)$/.test(method);
    if (!changes || config.auditsItself || config.scope === undefined || reply.statusCode >= 400)
      return;
    const target = (params as { id?: string } | undefined)?.id ?? null;
    audit.note(originOf(request), { action: `${method} ${url}`, target, ...request.changed });
  });
}
