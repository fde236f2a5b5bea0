import { FoveaError } from '../../errors.ts';
import type { App } from '../app-deps.ts';

/**
 * A server that is open on loopback is one web page away from every site its user visits: a page
 * may post to 127.0.0.1, or make its own host name resolve there. Requests that name another host,
 * or come from a page of another site, are refused.
 */
export function guardHost(app: App, allowed: readonly string[] | undefined): void {
  if (!allowed) return;
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  app.addHook('onRequest', (request, _reply, done) => {
    check('Host', request.headers.host && hostOf(`http://${request.headers.host}`), names);
    const { origin } = request.headers;
    if (origin !== undefined) check('Origin', hostOf(origin), names);
    else if (request.headers['sec-fetch-site'] === 'cross-site') check('Origin', undefined, names);
    done();
  });
}

function check(header: string, host: string | undefined, names: ReadonlySet<string>): void {
  if (host !== undefined && names.has(host)) return;
  throw new FoveaError(
    'HOST_NOT_ALLOWED',
    `The ${header} header names ${host === undefined ? 'no host that can be trusted' : JSON.stringify(host)}; while the server is open on loopback it answers to ${[...names].join(', ')}. Add a name with FOVEA_ALLOWED_HOSTS.`,
  );
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url)
    ? new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase()
    : undefined;
}
