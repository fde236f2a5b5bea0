import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import multipart from '@fastify/multipart';
import websocket from '@fastify/websocket';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { closeCodes } from '../protocol/session-stream.ts';
import type { App, AppDeps } from './app-deps.ts';
import { canonicalUrl } from './aliases.ts';
import { admitWork } from './hooks/admit-work.ts';
import { answerErrors, answerUnroutable } from './hooks/answer-errors.ts';
import { answerYaml } from './hooks/answer-yaml.ts';
import { auditChanges } from './hooks/audit-changes.ts';
import { authenticate } from './hooks/authenticate.ts';
import { guardHost } from './hooks/guard-host.ts';
import { limitRates } from './hooks/limit-rates.ts';
import { limitSlowBodies } from './hooks/limit-slow-bodies.ts';
import { observeRequests } from './hooks/observe-requests.ts';
import { secureHeaders } from './hooks/secure-headers.ts';
import { serveConsole } from './console.ts';
import { describeApi } from './openapi.ts';
import { routes } from './routes/index.ts';
import { isStreamedBody } from './streamed-bodies.ts';

const jsonLimitBytes = 1024 * 1024;
const streamGoodbyeMs = 1_000;

/** The HTTP API, ready to listen. It constructs nothing but itself. */
export async function buildApp(deps: AppDeps): Promise<App> {
  const loggerInstance: FastifyBaseLogger = deps.logger;
  const app: App = fastify({
    loggerInstance,
    // One line per request, written by `observeRequests`.
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request costs as much as its line: the few who write another one name the request.
    childLoggerFactory: (logger) => logger,
    genReqId: requestId,
    rewriteUrl: (request) => canonicalUrl(request.url ?? '/'),
    frameworkErrors: answerUnroutable,
    bodyLimit: jsonLimitBytes,
    // Node has one limit for all requests: that of uploads. `limitSlowBodies` keeps the others short.
    requestTimeout: Math.max(deps.options.requestTimeoutMs, deps.options.uploadTimeoutMs),
    forceCloseConnections: 'idle',
    trustProxy: deps.options.trustedProxies.length > 0 ? [...deps.options.trustedProxies] : false,
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  // An image's body is a stream, not a value: the route itself checks it.
  app.setValidatorCompiler((part) =>
    isStreamedBody(part.schema)
      ? (value: unknown) => ({ value })
      : validatorCompiler(part as never),
  );
  app.setSerializerCompiler(serializerCompiler);
  // First, so that it hangs up on a handshake that a later hook refuses.
  await app.register(websocket, {
    options: { maxPayload: deps.imageInput.maxBytes, perMessageDeflate: false },
    preClose: closeStreams,
  });
  observeRequests(app, deps);
  secureHeaders(app);
  guardHost(app, deps.options.allowedHosts);
  limitSlowBodies(app, deps.options.requestTimeoutMs);
  authenticate(app, deps.accounts);
  limitRates(app, deps.rateLimits, deps.metrics);
  admitWork(app, deps.admission);
  auditChanges(app, deps.accounts.audit);
  answerErrors(app, deps.metrics);
  answerYaml(app);
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      files: 1,
      fields: 10,
      fieldSize: 8 * 1024,
      fileSize: deps.imageInput.maxBytes,
      parts: 12,
      headerPairs: 50,
    },
  });
  // Image bodies stay streams: the route that wants them reads them under its own limit.
  app.addContentTypeParser(/^(image\/|application\/octet-stream)/, (_request, payload, done) =>
    done(null, payload),
  );
  await describeApi(app, deps.options.version);
  await serveConsole(app);
  for (const route of routes) route(app, deps);
  return app;
}

/** Streams are told to come again elsewhere; those that do not hang up are cut off. */
async function closeStreams(this: FastifyInstance): Promise<void> {
  const { clients } = this.websocketServer;
  for (const client of clients) client.close(closeCodes.serverStops, 'the server is about to stop');
  const deadline = Date.now() + streamGoodbyeMs;
  while (clients.size > 0 && Date.now() < deadline) await sleep(20);
  for (const client of clients) client.terminate();
}

/** The caller's own id when it is harmless, else a new one that sorts by time. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUIDv7();
}
