import { isIP } from 'node:net';
import { FoveaError } from '../errors.ts';
import { isAllowedAddress } from './address.ts';
import type { RemotePolicy } from './remote-policy.ts';

/** Signed object-store URLs reach about 2,000 characters. */
const maxUrlLength = 8192;

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * A URL that the policy lets through as it is written, without user, password and fragment. Names
 * are not resolved here: what they lead to is checked when the connection is made.
 *
 * @throws FoveaError IMAGE_URL_INVALID if it cannot be read or carries a user name or password;
 *   IMAGE_URL_FORBIDDEN if protocol, domain, port or address is not allowed.
 */
export function parseRemoteUrl(text: string, policy: RemotePolicy): URL {
  return checked(parse(text), policy, 'The image URL');
}

/**
 * The target of a redirect, under the same rules; https never goes down to http. The messages do
 * not repeat the target: the client did not write it.
 */
export function parseRedirect(location: string, from: URL, policy: RemotePolicy): URL {
  const url = checked(parse(location, from), policy, 'A redirect of the image URL');
  if (from.protocol === 'https:' && url.protocol !== 'https:') {
    throw forbidden('A redirect of the image URL leads from https to http.', {
      reason: 'downgrade',
    });
  }
  return url;
}

/** The host without the brackets of an IPv6 literal, as the socket wants it. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function parse(text: string, base?: URL): URL {
  const what = base === undefined ? 'The image URL' : 'A redirect of the image URL';
  if (text.length > maxUrlLength) {
    throw invalid(`${what} has ${text.length} characters; at most ${maxUrlLength} are read.`);
  }
  // Parsers disagree about backslashes, tabs and line ends: what one reads as a path is the host to
  // another. No honest URL has them.
  if (hasAmbiguousCharacter(text)) {
    throw invalid(`${what} contains a backslash or control character; percent-encode it.`);
  }
  const url = URL.parse(text, base?.href);
  if (url === null) throw invalid(`${what} is not an absolute URL such as https://host/path.`);
  return url;
}

function hasAmbiguousCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f || code === 0x5c) return true;
  }
  return false;
}

function checked(url: URL, policy: RemotePolicy, what: string): URL {
  checkProtocol(url, policy, what);
  if (url.username !== '' || url.password !== '') {
    throw invalid(`${what} contains a user name or password; give one without.`);
  }
  // A trailing dot names the same host, but fits neither certificates nor allow lists.
  url.hostname = url.hostname.replace(/\.$/, '');
  url.hash = '';
  checkPort(url, policy, what);
  if (policy.allowedDomains.length > 0 && !isAllowedDomain(url.hostname, policy.allowedDomains)) {
    throw forbidden(`${what} names a host that is not among the allowed domains.`, {
      reason: 'domain',
    });
  }
  const host = bareHost(url.hostname);
  if (isIP(host) !== 0 && !isAllowedAddress(host, policy.allowedNetworks)) {
    throw forbidden(`${what} names an address that is not public.`, { reason: 'address' });
  }
  return url;
}

function checkProtocol(url: URL, policy: RemotePolicy, what: string): void {
  if (policy.protocols.some((protocol) => `${protocol}:` === url.protocol)) return;
  const allowed = policy.protocols.join(' or ');
  throw forbidden(
    `${what} uses the protocol "${url.protocol.slice(0, 20)}"; allowed is ${allowed}.`,
    { reason: 'protocol', allowed_protocols: policy.protocols },
  );
}

function checkPort(url: URL, policy: RemotePolicy, what: string): void {
  const port = url.port === '' ? defaultPorts[url.protocol] : Number(url.port);
  if (policy.allowedPorts.length === 0) return;
  if (port !== undefined && policy.allowedPorts.includes(port)) return;
  const allowed = policy.allowedPorts.join(', ');
  throw forbidden(`${what} uses port ${port}; allowed are ${allowed}.`, {
    reason: 'port',
    allowed_ports: policy.allowedPorts,
  });
}

/** `hostname` as the URL parser gives it: lower case, punycode, addresses in their one notation. */
function isAllowedDomain(hostname: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const suffix = /^\*?\.(.+)$/.exec(pattern)?.[1];
    const domain = URL.parse(`http://${suffix ?? pattern}`)?.hostname.replace(/\.$/, '');
    if (domain === undefined) return false;
    if (suffix === undefined) return hostname === domain;
    return isIP(hostname) === 0 && hostname.endsWith(`.${domain}`);
  });
}

function invalid(message: string): FoveaError {
  return new FoveaError('IMAGE_URL_INVALID', message);
}

function forbidden(message: string, details: Record<string, unknown>): FoveaError {
  return new FoveaError('IMAGE_URL_FORBIDDEN', message, details);
}
