import { EventEmitter } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCodes, FoveaError, type ErrorCode } from '../../src/errors.ts';
import type { LookupAll } from '../../src/remote/policy-agent.ts';
import { defaultRemotePolicy, type RemotePolicy } from '../../src/remote/remote-policy.ts';

/** Stands in for the public internet; every other loopback address is as private as it really is. */
export const publicAddress = '127.0.0.2';

/** Everything on, for the one public address. */
export const testPolicy: RemotePolicy = {
  ...defaultRemotePolicy,
  protocols: ['https', 'http'],
  allowedPorts: [],
  allowedNetworks: [`${publicAddress}/32`],
  maxBytes: 100_000,
  connectTimeoutMs: 60_000,
  totalTimeoutMs: 60_000,
};

export type PublicServer = Readonly<{
  port: number;
  server: Server;
  /** Requests that reached the server on the public address. */
  requests: () => readonly string[];
  /** Requests that reached a server that must stay hidden: same port on 127.0.0.1 and ::1. */
  secretHits: () => number;
  /** Emits `closed` when a connection to the public server has ended. */
  events: EventEmitter;
  close: () => Promise<void>;
}>;

/** A public server and, on the same port of 127.0.0.1 and ::1, secret ones. */
export async function startServers(handler: RequestListener): Promise<PublicServer> {
  const requests: string[] = [];
  let hits = 0;
  const events = new EventEmitter();
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    handler(request, response);
  });
  server.on('connection', (socket) => {
    socket.on('close', () => events.emit('closed'));
  });
  const port = await listen(server, publicAddress, 0);
  const secrets = ['127.0.0.1', '::1'].map((host) => {
    const secret = createServer((_request, response) => {
      hits += 1;
      response.end('SECRET');
    });
    return { host, secret };
  });
  for (const { host, secret } of secrets) await listen(secret, host, port);
  return {
    port,
    server,
    requests: () => requests,
    secretHits: () => hits,
    events,
    close: async () => {
      for (const one of [server, ...secrets.map(({ secret }) => secret)]) await closeServer(one);
    },
  };
}

/** The port. A machine without IPv6 has no `::1` to hide, so that address may be missing. */
async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (host === '::1' && error.code === 'EADDRNOTAVAIL') resolve(undefined);
    else reject(error);
  });
  server.listen({ host, port }, () => resolve(undefined));
  await promise;
  return server.listening ? (server.address() as AddressInfo).port : port;
}

export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => resolve(undefined));
  server.closeAllConnections();
  await promise;
}

/** A resolver with these names only. A list of lists answers each request with the next one. */
export function namesOf(table: Record<string, readonly string[][]>): LookupAll {
  const asked = new Map<string, number>();
  return async (hostname) => {
    const answers = table[hostname];
    const count = asked.get(hostname) ?? 0;
    asked.set(hostname, count + 1);
    const answer = answers?.[Math.min(count, answers.length - 1)];
    if (answer === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}

/** For `assert.rejects`: a FoveaError with this code whose text names no loopback address. */
export function failure(code: ErrorCode, details: Record<string, unknown> = {}) {
  return (error: unknown): boolean => {
    if (!(error instanceof FoveaError)) throw error;
    const seen = JSON.stringify([error.message, error.details]);
    const expected = Object.entries(details).every(([key, value]) => error.details[key] === value);
    if (error.code !== code || !(code in errorCodes) || !expected) {
      throw new Error(`expected ${code} ${JSON.stringify(details)}, got ${error.code} ${seen}`);
    }
    if (/127\.0\.0\.|::1|169\.254/.test(seen)) throw new Error(`the message leaks: ${seen}`);
    return true;
  };
}
