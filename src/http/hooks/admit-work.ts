import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { FoveaError } from '../../errors.ts';
import type { App } from '../app-deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The group of models that does the work, unless the request names a model. */
    waitsFor?: string;
  }
}

export interface Admission {
  /** QUEUE_FULL when the group would refuse work now. */
  refusal(group: string): FoveaError | undefined;
}

/**
 * What would be refused for want of a place is refused before its body is read: bytes of images that nobody will look at
 * take the time of those that are looked at. Node reads past them, so that the answer finds a sender who is listening and
 * the connection stays. Who asks first whether to send (`Expect: 100-continue`, RFC 9110 §10.1.1) hears of every refusal
 * instead of having to send.
 */
export function admitWork(app: App, admission: Admission): void {
  // Without a listener Node says yes before any hook has looked at the request.
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    app.server.emit('request', request, response),
  );
  app.addHook('preParsing', (request, reply, payload, done) => {
    const refused = refusalOf(request, admission);
    if (refused) return done(refused);
    if (/^100-continue$/i.test(request.headers.expect ?? '')) reply.raw.writeContinue();
    done(null, payload);
  });
}

function refusalOf(request: FastifyRequest, admission: Admission): FoveaError | undefined {
  const { waitsFor } = request.routeOptions.config;
  const { model } = request.query as { readonly model?: unknown };
  // Which workers have a model that is named is found out later.
  return waitsFor === undefined || model !== undefined ? undefined : admission.refusal(waitsFor);
}
