import type { WebSocket } from '@fastify/websocket';
import { z } from 'zod';
import { seesAll } from '../../accounts/scopes.ts';
import { FoveaError } from '../../errors.ts';
import { FrameStream, type StreamPeer } from '../../sessions/frame-stream.ts';
import { standingOf } from '../../sessions/session-state.ts';
import { sessionEnded } from '../../sessions/session-errors.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { sessionKey, takeFrame } from '../hooks/limit-rates.ts';
import { holderOf } from '../stream-ticket.ts';
import { shownSession } from './sessions.ts';

const params = z.object({ id: z.uuid() });
const query = z.object({ ticket: z.string().min(1).max(100).optional() });
const maxTextBytes = 32 * 1024;

/** Frames in, results out, over a WebSocket. */
export function sessionStreamRoute(app: App, deps: AppDeps): void {
  const { sessions, streams } = deps.sessions;
  app.get(
    '/api/v1/sessions/:id/stream',
    {
      websocket: true,
      config: {
        scope: 'sessions',
        identify: async (request) => {
          const { ticket } = query.parse(request.query);
          if (ticket === undefined) return undefined;
          const { id } = params.parse(request.params);
          const holder = await sessions.redeemTicket(id, ticket);
          if (holder !== undefined) return holderOf(holder);
          const message = 'The ticket was used before, is too old, or is for another session.';
          throw new FoveaError('UNAUTHENTICATED', message, { reason: 'ticket' });
        },
      },
      schema: { params, querystring: query },
      preHandler: async (request) => {
        const { identity } = request;
        if (identity.readOnly)
          throw new FoveaError(
            'FORBIDDEN',
            'A viewer may only read; a stream needs the role member.',
            {
              scope: 'sessions',
            },
          );
        const viewer = { ownerId: identity.userId, seesAll: seesAll(identity) };
        const seen = await sessions.find(request.params.id, viewer);
        if (standingOf(seen) === 'ended') throw sessionEnded(seen);
        if (!request.ws)
          throw new FoveaError(
            'REQUEST_INVALID',
            'This is a WebSocket; ask with `Upgrade: websocket`.',
          );
        request.stream = { seen, viewer, leave: streams.enter(), key: sessionKey(request) };
        request.raw.socket.once('close', request.stream.leave);
      },
    },
    (socket, request) => {
      if (request.stream === undefined) return socket.terminate();
      openStream(socket, deps, request.params.id, request.id, request.stream);
    },
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the handshake of a stream found. */
    stream?: OpenedStream | undefined;
  }
}

interface OpenedStream {
  readonly seen: Parameters<typeof shownSession>[0];
  readonly viewer: { readonly ownerId: string | null; readonly seesAll: boolean };
  readonly leave: () => void;
  /** Of the session's rate limit. */
  readonly key: string;
}

function openStream(
  socket: WebSocket,
  { sessions: running, imageInput, logger, rateLimits, metrics }: AppDeps,
  sessionId: string,
  requestId: string,
  { seen, viewer, leave, key }: OpenedStream,
): void {
  const peer = peerOf(socket);
  const { detector } = running;
  const stream = new FrameStream({
    sessionId,
    detector: {
      look: async (...frame) => {
        await takeFrame(rateLimits, key, metrics);
        return await detector.look(...frame);
      },
      settle: async (...seenFrame) => await detector.settle(...seenFrame),
    },
    caller: viewer,
    peer,
    requestId,
    take: (bytes) => imageInput.uploads.take(bytes),
    idleMs: running.idleMs,
    onFrame: (outcome) => running.streams.frame(outcome),
  });
  const unwatch = running.sessions.watch(sessionId, (ending) => stream.sessionOver(ending));
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) stream.frame(data);
    else if (data.length > maxTextBytes) socket.close(1009, 'text messages are shorter');
    else stream.command(data.toString('utf8'));
  });
  socket.once('close', (code: number) => {
    unwatch();
    stream.closed();
    leave();
    logger.debug({ request_id: requestId, session_id: sessionId, code }, 'stream closed');
  });
  peer.send({ type: 'ready', session: shownSession(seen), options: stream.choice });
}

function peerOf(socket: WebSocket): StreamPeer {
  return {
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
    close: (code, reason) => socket.close(code, reason),
    get unread() {
      return socket.bufferedAmount;
    },
  };
}
