/**
 * The one table of error codes. Codes are stable: clients branch on them, `docs/errors.md` explains
 * every one, and `http/status.ts` must map every one before it compiles.
 */
export const errorCodes = {
  // The request
  REQUEST_INVALID: 'The request does not fit the documented schema.',
  REQUEST_TOO_LARGE: 'The request body is over the byte limit.',
  REQUEST_CANCELLED: 'The client left before the answer was ready.',
  ROUTE_NOT_FOUND: 'No such route.',
  METHOD_NOT_ALLOWED: 'The route exists, but not for this HTTP method.',
  MEDIA_TYPE_UNSUPPORTED: 'The Content-Type of the request is not one that this route reads.',
  HOST_NOT_ALLOWED: 'The Host or Origin header names a host that this server does not answer for.',

  // Images
  IMAGE_MISSING: 'The request carries no image.',
  IMAGE_EMPTY: 'The image has no bytes.',
  IMAGE_TOO_LARGE: 'The image is over the byte limit.',
  IMAGE_FORMAT_UNSUPPORTED: 'The content is not one of the accepted image formats.',
  IMAGE_CORRUPT: 'The image is truncated or damaged and cannot be decoded.',
  IMAGE_TOO_MANY_PIXELS: 'The image declares more pixels than the limit.',
  IMAGE_ANIMATED: 'The image has more than one frame.',
  IMAGE_NOT_FOUND: 'No image with this id, or it has expired.',
  IMAGE_URL_INVALID: 'The image URL cannot be used as it is written.',
  IMAGE_URL_FORBIDDEN: 'The image URL leads to an address, domain or protocol that is not allowed.',
  IMAGE_URL_UNREACHABLE: 'The image could not be fetched from its URL.',
  IMAGE_URL_TIMEOUT: 'Fetching the image from its URL took too long.',

  // Models and inference
  MODEL_UNAVAILABLE: 'A model that the request needs is not ready.',
  MODEL_NOT_FOUND: 'No model with this name.',
  MODEL_INVALID: 'The model file or its manifest is not what it claims to be.',
  QUEUE_FULL: 'The server has as much work queued as it admits.',
  DEADLINE_EXCEEDED: 'The work did not finish within the time allowed.',
  WORKER_LOST: 'The worker process died while it held this request; nothing was done.',

  // The server and what it depends on
  DATABASE_UNAVAILABLE: 'The database does not answer.',
  STORAGE_UNAVAILABLE: 'The image store does not answer or is full.',
  SHUTTING_DOWN: 'The server is about to stop and takes no new work.',
  INTERNAL: 'A defect in the server.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Codes after which the same request, sent again later, may succeed. */
const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'IMAGE_URL_UNREACHABLE',
  'IMAGE_URL_TIMEOUT',
  'MODEL_UNAVAILABLE',
  'QUEUE_FULL',
  'DEADLINE_EXCEEDED',
  'WORKER_LOST',
  'DATABASE_UNAVAILABLE',
  'STORAGE_UNAVAILABLE',
  'SHUTTING_DOWN',
]);

/** JSON-safe facts about an error. Never a stack, a path of the server or a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The only error that may reach a client. `message` states what went wrong, the current value and
 * the required one; `cause` stays in the log.
 */
export class FoveaError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FoveaError';
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return retryable.has(this.code);
  }
}

/** Any thrown value as a FoveaError: itself if it is one, otherwise `INTERNAL` with a fixed message. */
export function toFoveaError(thrown: unknown): FoveaError {
  if (thrown instanceof FoveaError) return thrown;
  return new FoveaError('INTERNAL', 'The server met an unexpected condition.', {}, thrown);
}
