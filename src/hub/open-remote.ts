import type { Dispatcher } from 'undici';
import { FoveaError } from '../errors.ts';
import { allowedUrl } from './allowed-url.ts';
import { brokenOff, headerOf, refusal, type Answer } from './hub-failure.ts';
import type { RemoteFile } from './source.ts';

const redirectStatus: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;

export interface OpenedFile extends Answer {
  readonly body: Dispatcher.ResponseData['body'];
  /** What the hub itself says of a large file, before it sends its readers to where the bytes are. */
  readonly stated: { readonly sha256?: string; readonly bytes?: number };
}

/**
 * Asks for the file and follows redirects by hand: each is checked, and the token goes to the first
 * origin only, never to the CDN behind it.
 * @throws FoveaError HUB_* for what will not change; PassingFailure for what may.
 */
export async function openRemote(
  remote: RemoteFile,
  headers: Readonly<Record<string, string>>,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<OpenedFile> {
  let url = remote.url;
  let stated: OpenedFile['stated'] = {};
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const own = url.origin === remote.url.origin && remote.token !== undefined;
    const authorization = own ? { authorization: `Bearer ${remote.token}` } : {};
    const answer = await ask(remote, url, { ...headers, ...authorization }, dispatcher, signal);
    stated = { ...statedBy(answer), ...stated };
    const location = redirectStatus.has(answer.status) ? headerOf(answer, 'location') : undefined;
    if (location === undefined) return { ...checked(answer, remote), stated };
    answer.body.destroy();
    url = allowedUrl(location, url);
  }
  throw new FoveaError('HUB_UNREACHABLE', `${remote.page} redirects without end.`, {
    page: remote.page,
  });
}

type Asked = Answer & Pick<OpenedFile, 'body'>;

async function ask(
  remote: RemoteFile,
  url: URL,
  headers: Readonly<Record<string, string>>,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Asked> {
  try {
    const {
      statusCode,
      headers: answered,
      body,
    } = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      // Compressed on the way, sizes and ranges would count something else than the file.
      headers: { 'user-agent': 'Fovea (model fetcher)', 'accept-encoding': 'identity', ...headers },
      signal,
    });
    // A body that is given up reports its abort once more, after we have answered.
    body.on('error', () => undefined);
    return { status: statusCode, headers: answered, body };
  } catch (error) {
    if (signal.aborted) throw error;
    throw brokenOff(error, remote);
  }
}

function checked(answer: Asked, remote: RemoteFile): Asked {
  const { status } = answer;
  const encoding = headerOf(answer, 'content-encoding') ?? 'identity';
  if ((status === 200 || status === 206 || status === 416) && encoding === 'identity')
    return answer;
  answer.body.destroy();
  throw refusal(answer, remote);
}

/** `X-Linked-Etag` of a file in large file storage is its SHA-256; of a small one, git's SHA-1, which says nothing. */
function statedBy(answer: Answer): OpenedFile['stated'] {
  const [, sha256] =
    /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(headerOf(answer, 'x-linked-etag') ?? '') ?? [];
  const bytes = Number(headerOf(answer, 'x-linked-size'));
  return { ...(sha256 ? { sha256 } : {}), ...(bytes > 0 ? { bytes } : {}) };
}
