import type { FastifyRequest } from 'fastify';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Presented } from '../../accounts/authenticator.ts';
import { openAccess, type Identity } from '../../accounts/scopes.ts';
import { FoveaError, toFoveaError } from '../../errors.ts';
import type { Scope } from '../../protocol/account.ts';
import type { App } from '../app-deps.ts';

/**
 * What a route asks of its caller: a scope; nothing (`public`); an account, be it by key (`account`);
 * or a person who has logged in (`person`), for what a key must not do.
 */
export type RouteScope = Scope | 'public' | 'account' | 'person';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route declares it; the server does not start with one that does not. */
    scope?: RouteScope;
    /** Also for callers on this machine who do not say who they are. */
    openOnLoopback?: boolean;
    /** Another way to say who asks than the headers; undefined when the request does not use it. */
    identify?: (request: FastifyRequest) => Promise<Identity | undefined>;
  }
  interface FastifyRequest {
    /** Who asks. On public routes: nobody in particular. */
    identity: Identity;
  }
}

const nobody: Identity = { ...openAccess, scopes: new Set(), readOnly: true };
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Finds out who asks, before the body is read, and refuses what the route does not allow them. */
export function authenticate(app: App, { required, authenticator }: Accounts): void {
  app.decorateRequest('identity');
  app.addHook('onRoute', (route) => {
    // The reference page's own routes come from its plugin.
    if (route.url === '/docs' || route.url.startsWith('/docs/'))
      route.config = { ...route.config, scope: 'public' };
    if (route.config?.scope === undefined)
      throw new TypeError(`${String(route.method)} ${route.url} declares no scope`);
  });
  const identify = async (request: FastifyRequest, scope: RouteScope): Promise<void> => {
    const { openOnLoopback = false, identify: otherwise } = request.routeOptions.config;
    const anybody = !required || (openOnLoopback && isFromLoopback(request));
    const known =
      (await otherwise?.(request)) ?? (await authenticator.identify(presentedBy(request)));
    if (!known && !anybody) throw missing();
    request.identity = known ?? openAccess;
    refuseForbidden(request.identity, scope, request.method);
  };
  const askThen = async (
    request: FastifyRequest,
    scope: RouteScope,
    done: (error?: Error) => void,
  ): Promise<void> => {
    try {
      await identify(request, scope);
    } catch (error) {
      return done(toFoveaError(error));
    }
    done();
  };
  // With a callback: most callers are known, and a promise for each costs more than knowing them.
  app.addHook('onRequest', (request, _reply, done) => {
    const { scope } = request.routeOptions.config;
    request.identity = nobody;
    if (scope === undefined || scope === 'public') return done();
    const recalled = authenticator.recall(presentedBy(request));
    if (!recalled) return void askThen(request, scope, done);
    request.identity = recalled;
    refuseForbidden(recalled, scope, request.method);
    done();
  });
}

/** What the request brings to say who asks. */
export function presentedBy({ headers }: FastifyRequest): Presented {
  const { authorization, 'x-api-key': apiKey } = headers;
  return { authorization, apiKey: Array.isArray(apiKey) ? apiKey.join() : apiKey };
}

function refuseForbidden(identity: Identity, scope: RouteScope, method: string): void {
  if (scope === 'public') return;
  if (scope === 'account' || scope === 'person') {
    if (identity.userId === null) throw missing();
    if (scope === 'person' && identity.kind !== 'user')
      throw forbidden(scope, 'An API key cannot do this; log in, and send the access token.');
    return;
  }
  if (!identity.scopes.has(scope))
    throw forbidden(scope, `This needs the scope ${scope}, which the caller does not have.`);
  if (identity.readOnly && !reading.has(method))
    throw forbidden(
      scope,
      `A viewer may only read; ${scope} with ${method} needs the role member.`,
    );
}

/** Straight from this machine: not through a proxy on it, which says for whom it asks. */
function isFromLoopback({ socket, headers }: FastifyRequest): boolean {
  const address = socket.remoteAddress ?? '';
  const relayed = ['x-forwarded-for', 'forwarded', 'x-real-ip'].some((name) => name in headers);
  return !relayed && /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}

function missing(): FoveaError {
  return new FoveaError(
    'UNAUTHENTICATED',
    'The request must say who asks: `Authorization: Bearer …` with an access token or API key, or `X-API-Key`.',
    { reason: 'missing' },
  );
}

function forbidden(scope: RouteScope, message: string): FoveaError {
  return new FoveaError('FORBIDDEN', message, { scope });
}
