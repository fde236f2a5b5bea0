import type { Agent, Dispatcher } from 'undici';
import { FoveaError } from '../errors.ts';
import { lookupAll, policyAgent, type LookupAll } from './policy-agent.ts';
import { readBounded, tooLarge } from './read-bounded.ts';
import { timedOut, toRemoteError } from './remote-error.ts';
import type { RemotePolicy } from './remote-policy.ts';
import { parseRedirect, parseRemoteUrl } from './remote-url.ts';

/** All that is ever sent: no cookies, no authorization, nothing of the client's own request. */
const requestHeaders = {
  'user-agent': 'Fovea (image fetcher)',
  accept: 'image/png, image/jpeg, image/*;q=0.5',
  // The limit counts bytes of the image, so none may arrive compressed.
  'accept-encoding': 'identity',
};

const redirectStatus: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export type RemoteImage = Readonly<{
  /** At most `policy.maxBytes`; may be empty. Not looked at in any way. */
  bytes: Buffer;
  /** What the server claims. */
  contentType?: string;
  /** After redirects, without fragment. */
  finalUrl: string;
}>;

export type FetchOptions = Readonly<{
  signal: AbortSignal;
  /** Default: the resolver of the operating system. */
  lookup?: LookupAll;
}>;

/**
 * Downloads the image at a URL that a client wrote. Every hop is checked three times against the
 * policy: the URL itself, every address that its name resolves to, and the peer that was connected
 * to. One deadline covers everything; the connection is closed when this returns or throws.
 *
 * @throws FoveaError IMAGE_URL_INVALID, IMAGE_URL_FORBIDDEN, IMAGE_URL_UNREACHABLE (with `status` if
 *   the server answered), IMAGE_URL_TIMEOUT, IMAGE_TOO_LARGE, REQUEST_CANCELLED.
 */
export async function fetchRemote(
  url: string,
  policy: RemotePolicy,
  options: FetchOptions,
): Promise<RemoteImage> {
  const first = parseRemoteUrl(url, policy);
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(new Error(`over ${policy.totalTimeoutMs} ms`));
  }, policy.totalTimeoutMs);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  const agent = policyAgent(policy, options.lookup ?? lookupAll, signal);
  try {
    signal.throwIfAborted();
    return await followRedirects(first, policy, agent, signal);
  } catch (error) {
    if (options.signal.aborted) throw cancelled(error);
    if (deadline.signal.aborted) throw timedOut(error);
    throw toRemoteError(error);
  } finally {
    clearTimeout(timer);
    await agent.destroy();
  }
}

async function followRedirects(
  first: URL,
  policy: RemotePolicy,
  agent: Agent,
  signal: AbortSignal,
): Promise<RemoteImage> {
  let url = first;
  for (let hop = 0; hop <= policy.maxRedirects; hop += 1) {
    const response = await request(url, agent, signal);
    const location = redirectOf(response);
    if (location === undefined) return await readImage(url, response, policy.maxBytes);
    response.body.destroy();
    url = parseRedirect(location, url, policy);
  }
  throw new FoveaError(
    'IMAGE_URL_UNREACHABLE',
    `The image URL redirects more than ${policy.maxRedirects} times.`,
    { reason: 'too_many_redirects', max_redirects: policy.maxRedirects },
  );
}

async function request(
  url: URL,
  agent: Agent,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const response = await agent.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: requestHeaders,
    signal,
  });
  // A body that is given up reports the abort once more, after we have answered.
  response.body.on('error', () => undefined);
  return response;
}

function redirectOf(response: Dispatcher.ResponseData): string | undefined {
  return redirectStatus.has(response.statusCode) ? headerOf(response, 'location') : undefined;
}

async function readImage(
  url: URL,
  response: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<RemoteImage> {
  const status = response.statusCode;
  if (status < 200 || status > 299) {
    const message = `The host of the image URL answered with status ${status} instead of 200.`;
    throw new FoveaError('IMAGE_URL_UNREACHABLE', message, { status });
  }
  checkEncoding(response);
  const declared = Number(headerOf(response, 'content-length') ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes, declared);
  const bytes = await readBounded(response.body, maxBytes);
  const contentType = headerOf(response, 'content-type');
  return { bytes, finalUrl: url.href, ...(contentType === undefined ? {} : { contentType }) };
}

/** A compressed body would have to be unpacked before its size is known. */
function checkEncoding(response: Dispatcher.ResponseData): void {
  const encoding = headerOf(response, 'content-encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() === 'identity') return;
  throw new FoveaError(
    'IMAGE_URL_UNREACHABLE',
    'The host of the image URL sends the image compressed, though only plain bytes are accepted.',
    { status: response.statusCode, reason: 'content_encoding' },
  );
}

/** The first value, if a header is repeated. */
function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function cancelled(cause: unknown): FoveaError {
  return new FoveaError(
    'REQUEST_CANCELLED',
    'The request was cancelled while its image was being fetched.',
    {},
    cause,
  );
}
