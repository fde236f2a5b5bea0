import { z } from 'zod';
import {
  newSession,
  session,
  sessionChange,
  sessionStatus,
  streamTicket,
  type Session,
} from '../../protocol/session.ts';
import { decodeCursor, encodeCursor } from '../../db/cursor.ts';
import {
  detectionCount,
  expiresAt,
  statusOf,
  type SeenSession,
} from '../../sessions/session-state.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { listOf, pageQuery } from '../page-query.ts';
import { holderText } from '../stream-ticket.ts';

const tags = ['Sessions'];
const config = { scope: 'sessions' } as const;
const params = z.object({ id: z.uuid() });
const answers = { 200: session, ...errorResponses };

/** The life of sessions. */
export function sessionRoutes(app: App, deps: AppDeps): void {
  const { sessions } = deps.sessions;
  createRoute(app, deps);
  app.get(
    '/api/v1/sessions/:id',
    { config, schema: { tags, summary: 'A session', params, response: answers } },
    async (request, reply) => shownSession(await sessions.find(request.params.id, callerOf(reply))),
  );
  app.patch(
    '/api/v1/sessions/:id',
    {
      config,
      schema: {
        tags,
        summary: "Replace a session's metadata",
        params,
        body: sessionChange,
        response: answers,
      },
    },
    async (request, reply) => {
      const { metadata } = request.body;
      return shownSession(await sessions.edit(request.params.id, callerOf(reply), metadata));
    },
  );
  app.delete(
    '/api/v1/sessions/:id',
    {
      config,
      schema: {
        tags,
        summary: 'End a session',
        description: 'For good; its streams are closed. What it detected stays.',
        params,
        response: answers,
      },
    },
    async (request, reply) => shownSession(await sessions.end(request.params.id, callerOf(reply))),
  );
  app.post(
    '/api/v1/sessions/:id/stream-tickets',
    {
      config,
      schema: {
        tags,
        summary: 'A ticket for a stream, for clients that cannot send headers with it',
        params,
        response: { 201: streamTicket, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await sessions.find(id, callerOf(reply));
      const issued = await sessions.issueTicket(id, holderText(request.identity));
      reply.code(201).header('cache-control', 'no-store');
      return { ticket: issued.ticket, expires_at: issued.expiresAt.toISOString() };
    },
  );
}

function createRoute(app: App, { sessions: { sessions } }: AppDeps): void {
  app.post(
    '/api/v1/sessions',
    {
      config,
      schema: {
        tags,
        summary: 'Begin a session',
        body: newSession,
        response: { 201: session, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { metadata, ttl_seconds: seconds } = request.body ?? {};
      const ttlMs = seconds === undefined ? undefined : seconds * 1000;
      const made = await sessions.create(callerOf(reply), { metadata, ttlMs });
      return await reply.code(201).send(shownSession(made));
    },
  );
  app.get(
    '/api/v1/sessions',
    {
      config,
      schema: {
        tags,
        summary: 'Own sessions, newest first',
        description: 'Without those that have expired.',
        querystring: pageQuery.extend({ status: sessionStatus.optional() }),
        response: { 200: listOf(session), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { status, limit, cursor } = request.query;
      const after = cursor === undefined ? undefined : decodeCursor(cursor).id;
      const { items, more } = await sessions.list(callerOf(reply), { status, limit, after });
      const last = items.at(-1)?.state;
      const place = more && last ? { id: last.id, createdAt: new Date(last.createdAt) } : undefined;
      return { items: items.map(shownSession), next_cursor: place ? encodeCursor(place) : null };
    },
  );
}

export function shownSession({ state }: SeenSession): Session {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    session_id: state.id,
    status: statusOf(state),
    metadata: JSON.parse(state.metadata) as Record<string, unknown>,
    created_at: time(state.createdAt),
    last_activity: time(state.lastActivity),
    expires_at: time(expiresAt(state)),
    detection_count: detectionCount(state),
  };
}
