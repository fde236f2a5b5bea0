import { FoveaError } from '../errors.ts';
import { maxHeaderBytes } from './policy-agent.ts';

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const unresolved: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'EAI_FAIL']);

/**
 * Any failure of a connection as the client may see it. The messages of sockets name addresses and
 * ports behind a name, so they stay in `cause`.
 */
export function toRemoteError(thrown: unknown): FoveaError {
  if (thrown instanceof FoveaError) return thrown;
  const code = codeOf(thrown);
  if (timeouts.has(code)) return timedOut(thrown);
  if (unresolved.has(code)) {
    return unreachable('The host of the image URL has no address.', 'name_unresolved', thrown);
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    const message = `The answer from the image URL has over ${maxHeaderBytes} bytes of headers.`;
    return unreachable(message, 'headers_too_large', thrown);
  }
  return unreachable(
    'The connection to the host of the image URL failed.',
    'connection_failed',
    thrown,
  );
}

/** `thrown`: the time-out that fired. */
export function timedOut(thrown: unknown): FoveaError {
  return new FoveaError(
    'IMAGE_URL_TIMEOUT',
    'The host of the image URL did not answer in time.',
    {},
    thrown,
  );
}

function unreachable(message: string, reason: string, cause: unknown): FoveaError {
  return new FoveaError('IMAGE_URL_UNREACHABLE', message, { reason }, cause);
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error) || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
}
