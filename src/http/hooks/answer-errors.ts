import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { describeCause, FoveaError, toFoveaError, type ErrorCode } from '../../errors.ts';
import type { ErrorBody } from '../../protocol/error.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { App } from '../app-deps.ts';
import { statusOf } from '../status.ts';

/** Every error leaves in the one envelope, with a code from the table and nothing of the server's inside. */
export function answerErrors(app: App, metrics: Metrics): void {
  const answer = async (
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const error = translate(thrown);
    metrics.error(error.code);
    logError(request, error);
    await sendError(error, request, reply);
  };
  app.setErrorHandler(answer);
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const methods = (['GET', 'POST', 'PATCH', 'DELETE', 'PUT'] as const).filter(
      (method) => app.findRoute({ method, url: path }) !== null,
    );
    await answer(
      methods.length > 0 ? notAllowed(request, methods, reply) : notFound(request.method, path),
      request,
      reply,
    );
  });
}

/** Errors that come before any route or hook: what the router itself cannot read. */
export function answerUnroutable(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.header('x-request-id', request.id);
  void sendError(translate(thrown), request, reply);
}

async function sendError(
  error: FoveaError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const retryAfter = error.details['retry_after_seconds'];
  if (typeof retryAfter === 'number')
    reply.header('retry-after', Math.max(1, Math.ceil(retryAfter)));
  const challenge = challengeOf(error);
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  const { code, message, details } = error;
  const body: ErrorBody = {
    error: { code, message, details: { ...details }, request_id: request.id },
  };
  await reply
    .code(statusOf[code])
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(body);
}

/** What a client must bring, in the words of RFC 6750 §3. */
function challengeOf({ code, details }: FoveaError): string | undefined {
  const { reason, scope } = details;
  if (code === 'FORBIDDEN' && typeof scope === 'string')
    return `Bearer realm="fovea", error="insufficient_scope", scope="${scope}"`;
  if (statusOf[code] !== 401) return undefined;
  const presented = code === 'UNAUTHENTICATED' && reason !== 'missing';
  return presented ? 'Bearer realm="fovea", error="invalid_token"' : 'Bearer realm="fovea"';
}

function translate(thrown: unknown): FoveaError {
  if (thrown instanceof FoveaError) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) return invalid(thrown.validation);
  const code = (thrown as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? frameworkErrors[code] : undefined;
  return known ? new FoveaError(known[0], known[1], {}, thrown) : toFoveaError(thrown);
}

function invalid(
  problems: readonly { instancePath: string; message?: string | undefined }[],
): FoveaError {
  const issues = problems.map(({ instancePath, message }) => ({
    path: instancePath,
    message: message ?? 'is not valid',
  }));
  const first = issues[0];
  return new FoveaError(
    'REQUEST_INVALID',
    `The request does not fit the schema: ${first?.path || 'it'}: ${first?.message ?? ''}.`,
    { issues },
  );
}

/** Errors of the web framework and its body parsers, by their codes. */
const frameworkErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'MEDIA_TYPE_UNSUPPORTED',
    'Send multipart/form-data, application/json or the image itself as image/png or image/jpeg.',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: [
    'REQUEST_INVALID',
    'The body is empty, but Content-Type says JSON.',
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: ['REQUEST_INVALID', 'The body is not valid JSON.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['REQUEST_TOO_LARGE', 'The body is over the limit for this route.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'REQUEST_INVALID',
    'The body is not as long as Content-Length says.',
  ],
  FST_ERR_BAD_URL: ['REQUEST_INVALID', 'The URL is malformed.'],
  FST_FILES_LIMIT: ['REQUEST_INVALID', 'Send one file per request.'],
  FST_PARTS_LIMIT: ['REQUEST_INVALID', 'The form has too many parts.'],
  FST_FIELDS_LIMIT: ['REQUEST_INVALID', 'The form has too many fields.'],
  FST_PROTO_VIOLATION: ['REQUEST_INVALID', 'The form has a forbidden field name.'],
  FST_INVALID_MULTIPART_CONTENT_TYPE: [
    'MEDIA_TYPE_UNSUPPORTED',
    'The body is not multipart/form-data.',
  ],
};

function logError(request: FastifyRequest, error: FoveaError): void {
  const status = statusOf[error.code];
  const facts = {
    request_id: request.id,
    code: error.code,
    details: error.details,
    ...(error.cause === undefined ? {} : { cause: describeCause(error.cause) }),
  };
  if (status >= 500 && status !== 503) request.log.error(facts, error.message);
  else request.log.info(facts, error.message);
}

function notAllowed(
  request: FastifyRequest,
  methods: readonly string[],
  reply: FastifyReply,
): FoveaError {
  reply.header('allow', methods.join(', '));
  return new FoveaError(
    'METHOD_NOT_ALLOWED',
    `${request.method} is not served here; use ${methods.join(' or ')}.`,
    { allowed: methods },
  );
}

function notFound(method: string, path: string): FoveaError {
  return new FoveaError(
    'ROUTE_NOT_FOUND',
    `There is no ${method} ${path.slice(0, 200)}; /docs lists what there is.`,
  );
}
