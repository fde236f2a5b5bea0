import type { FastifyReply } from 'fastify';
import type { Caller } from '../images/image-service.ts';

/** Who asks, with a signal that fires when the connection closes before the answer is out. */
export function callerOf(reply: FastifyReply): Caller {
  const left = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  return { ownerId: null, signal: left.signal };
}
