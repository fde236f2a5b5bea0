import { FoveaError } from '../errors.ts';

/**
 * The URL of a model file. Sources are the operator's, so any host will do, but only over https; plain
 * http is for this machine, where nobody can listen in.
 * @throws FoveaError HUB_URL_INVALID
 */
export function allowedUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url) throw invalid('it is no URL');
  if (url.username || url.password) throw invalid('it carries a user name or a password');
  if (url.protocol === 'https:') return url;
  if (url.protocol !== 'http:') throw invalid('it is neither https: nor http:');
  // A server elsewhere must not lead a download to this machine's own services.
  if (isLoopback(url) && (base === undefined || isLoopback(base))) return url;
  throw invalid('plain http: is for this machine only');
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function invalid(reason: string): FoveaError {
  return new FoveaError(
    'HUB_URL_INVALID',
    `The address of the model file cannot be used: ${reason}.`,
  );
}
