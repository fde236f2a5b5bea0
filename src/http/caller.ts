import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Origin } from '../accounts/audit.ts';
import { seesAll, type Identity } from '../accounts/scopes.ts';
import { FoveaError } from '../errors.ts';
import type { Caller } from '../images/image-service.ts';

/** Who asks, with a signal that fires when the connection closes before the answer is out. */
export function callerOf(reply: FastifyReply): Caller {
  const left = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  const { identity } = reply.request;
  return { ownerId: identity.userId, seesAll: seesAll(identity), signal: left.signal };
}

/** Whose records the caller sees: its own, or everybody's (undefined) for an administrator. */
export function ownerSeenBy({ identity }: FastifyRequest): string | null | undefined {
  return seesAll(identity) ? undefined : identity.userId;
}

/** Who asks and from where, for the audit log. */
export function originOf({ identity, ip, id }: FastifyRequest): Origin {
  return { actorKind: identity.kind, actorId: identity.userId, address: ip, requestId: id };
}

/** The account that asks, on a route that needs one. */
export function accountOf({ identity }: FastifyRequest): Identity & { readonly userId: string } {
  const { userId } = identity;
  if (userId === null) throw new FoveaError('UNAUTHENTICATED', 'This needs an account; log in.');
  return { ...identity, userId };
}
