import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { callbackify, promisify } from 'node:util';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { FoveaError } from '../errors.ts';
import { isAllowedAddress } from './address.ts';
import type { RemotePolicy } from './remote-policy.ts';
import { bareHost } from './remote-url.ts';

/** Longest header block that is read, in bytes: what Node's own server takes. */
export const maxHeaderBytes = 16 * 1024;

/** All addresses of a name. Rejects with `code: 'ENOTFOUND'` when there is none. */
export type LookupAll = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The operating system's resolver, hosts file included. */
export const lookupAll: LookupAll = (hostname) => promisify(systemLookup)(hostname, { all: true });

type Limits = Pick<RemotePolicy, 'allowedNetworks' | 'connectTimeoutMs' | 'totalTimeoutMs'>;

/**
 * An undici dispatcher that only ever talks to allowed addresses. Make one for each fetch and
 * destroy it: a connection that outlives the fetch would also outlive the check of its name. It
 * reads no proxy from the environment. `signal` also ends a connection that is still being made,
 * which undici does not do for a request's own signal.
 */
export function policyAgent(limits: Limits, lookup: LookupAll, signal: AbortSignal): Agent {
  const connect = buildConnector({
    allowH2: false,
    maxCachedSessions: 0,
    timeout: limits.connectTimeoutMs,
    lookup: checkedLookup(lookup, limits.allowedNetworks),
    signal,
  });
  return new Agent({
    connect: checkedConnector(connect, limits.allowedNetworks),
    connections: 1,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: limits.totalTimeoutMs,
    bodyTimeout: limits.totalTimeoutMs,
  });
}

/**
 * Checks the address before connecting, if the host is one (no lookup is made for literals), and
 * the peer's after it, whatever happened in between.
 */
export function checkedConnector(
  connect: buildConnector.connector,
  allowedNetworks: readonly string[],
): buildConnector.connector {
  return (options, callback) => {
    const host = bareHost(options.hostname);
    if (isIP(host) !== 0 && !isAllowedAddress(host, allowedNetworks)) {
      callback(addressForbidden(), null);
      return;
    }
    connect({ ...options, hostname: host }, (...result) => {
      const [error, socket] = result;
      if (error !== null || isAllowedAddress(socket.remoteAddress ?? '', allowedNetworks)) {
        callback(...result);
        return;
      }
      socket.destroy();
      callback(addressForbidden(), null);
    });
  };
}

/** One forbidden address among several refuses the name: the socket may try any of them. */
function checkedLookup(lookup: LookupAll, allowedNetworks: readonly string[]): LookupFunction {
  const answer = callbackify(async (hostname: string): Promise<LookupAddress[]> => {
    // Copied, so that what is checked is what is connected to.
    const addresses = (await lookup(hostname)).map(({ address, family }) => ({ address, family }));
    if (addresses.every(({ address }) => isAllowedAddress(address, allowedNetworks))) {
      return addresses;
    }
    throw addressForbidden();
  });
  return (hostname, options, callback) => {
    answer(hostname, (error, addresses) => {
      const first = addresses?.[0];
      if (error !== null || first === undefined) callback(error ?? notFound(), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function addressForbidden(): FoveaError {
  return new FoveaError(
    'IMAGE_URL_FORBIDDEN',
    'The host of the image URL leads to an address that is not public.',
    { reason: 'address' },
  );
}

function notFound(): Error {
  return Object.assign(new Error('The name has no address.'), { code: 'ENOTFOUND' });
}
