import type { Dispatcher } from 'undici';
import { FoveaError, type ErrorCode } from '../errors.ts';
import type { RemoteFile } from './source.ts';

/** A failure that may pass: the same request may succeed later. */
export class PassingFailure extends Error {
  /** What to say when patience is over. */
  readonly final: FoveaError;
  /** How long the server asked to wait. */
  readonly waitMs: number | undefined;

  constructor(final: FoveaError, waitMs?: number) {
    super(final.message, { cause: final });
    this.final = final;
    this.waitMs = waitMs;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
}

/** The first value of a header. */
export function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const passingStatus: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504]);

/**
 * Why a server did not give the file. The Hugging Face Hub names causes in `X-Error-Code` (GatedRepo,
 * RepoNotFound, RevisionNotFound, EntryNotFound) and in `X-Error-Message`; it answers 401 for whatever a caller
 * without a token may not see, be it gated, private or not there at all.
 */
export function refusal(answer: Answer, { page, token }: RemoteFile): FoveaError | PassingFailure {
  const { status } = answer;
  const named = headerOf(answer, 'x-error-code');
  const fail = (code: ErrorCode, message: string): FoveaError =>
    new FoveaError(code, message, { status, page, ...(named ? { hub_code: named } : {}) });
  if (status === 401 && token !== undefined)
    return fail('HUB_TOKEN_INVALID', `${tokenFault(answer)} (${page}); set HF_TOKEN to a new one.`);
  if (status === 401)
    return fail(
      'HUB_TOKEN_MISSING',
      named === 'RepoNotFound'
        ? `${page} is not there, or is shown to known users only; check the name, or set HF_TOKEN.`
        : `${page} is shown to known users only; set HF_TOKEN to a token that may read it.`,
    );
  if (status === 403)
    return fail(
      'HUB_ACCESS_DENIED',
      `${token === undefined ? 'Without a token' : 'With this token'} ${page} may not be read; ask for access there.`,
    );
  if (status === 404 || status === 410)
    return fail('HUB_FILE_NOT_FOUND', `There is no such ${missingPart(named)} at ${page}.`);
  if (status === 429) return rateLimited(answer, fail);
  const unreachable = fail('HUB_UNREACHABLE', `${page} answered with status ${status}.`);
  return passingStatus.has(status)
    ? new PassingFailure(unreachable, retryAfterMs(answer))
    : unreachable;
}

/** A connection that was not made, broke off, or fell silent. */
export function brokenOff(cause: unknown, { page }: RemoteFile): PassingFailure {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? 'unknown';
  const known = words[code] ?? `the connection broke (${code})`;
  return new PassingFailure(
    new FoveaError('HUB_UNREACHABLE', `${page} cannot be fetched: ${known}.`, { page }, cause),
  );
}

const words: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the time allowed',
  UND_ERR_HEADERS_TIMEOUT: 'the server took the request and said nothing',
  UND_ERR_BODY_TIMEOUT: 'the server fell silent in the middle of the file',
  UND_ERR_SOCKET: 'the server cut the connection',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the file is not as long as the server said',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the server cut the connection',
  ENOTFOUND: 'its host name is unknown',
  EAI_AGAIN: 'its host name cannot be looked up now',
};

function rateLimited(
  answer: Answer,
  fail: (code: ErrorCode, message: string) => FoveaError,
): PassingFailure {
  const waitMs = retryAfterMs(answer);
  const { code, message, details } = fail(
    'HUB_RATE_LIMITED',
    'The hub asks for fewer requests; try again later, set HF_TOKEN, or use a mirror.',
  );
  const seconds = { retry_after_seconds: Math.ceil((waitMs ?? 60_000) / 1000) };
  return new PassingFailure(new FoveaError(code, message, { ...details, ...seconds }), waitMs);
}

/** `Retry-After`: seconds or a date. */
function retryAfterMs(answer: Answer): number | undefined {
  const text = headerOf(answer, 'retry-after');
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function tokenFault(answer: Answer): string {
  const said = headerOf(answer, 'x-error-message') ?? '';
  return /expired/i.test(said)
    ? 'The hub says that the token has expired'
    : 'The hub does not accept the token: it is expired, revoked or mistyped';
}

function missingPart(named: string | undefined): string {
  if (named === 'RepoNotFound') return 'repository';
  if (named === 'RevisionNotFound') return 'revision';
  return 'file';
}
