import ipaddr from 'ipaddr.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FoveaError, toFoveaError } from '../../errors.ts';
import type { RateLimit } from '../../limits/rate-limit.ts';
import type { RateStanding } from '../../limits/rate-rule.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { App } from '../app-deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Not counted: what watches the server must not be kept from it. */
    unlimited?: boolean;
    /** Its requests also count for the session that `:id` names. */
    countsForSession?: boolean;
  }
}

/** Limits by what they count; one that is left out is off. */
export interface RateLimits {
  readonly caller?: RateLimit | undefined;
  readonly session?: RateLimit | undefined;
}

const sessionId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Counts requests by API key, by account or, under open access, by address; frames by session too. Who is over a limit
 * is answered at once, before the body is read. Says how the caller stands in the headers of
 * draft-ietf-httpapi-ratelimit-headers-10, and in `RateLimit-Limit`, `-Remaining` and `-Reset` of its drafts up to 07.
 */
export function limitRates(app: App, limits: RateLimits, metrics: Metrics): void {
  const { caller, session } = limits;
  if (!caller && !session) return;
  const take = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { countsForSession = false } = request.routeOptions.config;
    const who = nameOf(request);
    const standings = [await caller?.take(who)];
    // Whoever is over its own limit takes nothing of the session's.
    if (countsForSession && standings[0]?.allowed !== false)
      standings.push(await session?.take(sessionKey(request, who)));
    announce(
      reply,
      standings.flatMap((standing) => standing ?? []),
      metrics,
    );
  };
  const takeThen = async (
    request: FastifyRequest,
    reply: FastifyReply,
    done: (error?: Error) => void,
  ): Promise<void> => {
    try {
      await take(request, reply);
    } catch (error) {
      return done(toFoveaError(error));
    }
    done();
  };
  app.addHook('onRequest', (request, reply, done) => {
    const { scope, unlimited = false, countsForSession = false } = request.routeOptions.config;
    if (scope === undefined || scope === 'public' || unlimited) return done();
    if (!caller && !countsForSession) return done();
    void takeThen(request, reply, done);
  });
}

/** For a frame that came over a stream. @throws FoveaError RATE_LIMITED. */
export async function takeFrame(limits: RateLimits, key: string, metrics: Metrics): Promise<void> {
  const standing = await limits.session?.take(key);
  if (standing && !standing.allowed) throw refusal(standing, metrics);
}

/** The key of a session's limit. */
export function sessionKey(request: FastifyRequest, who = nameOf(request)): string {
  const { id = '' } = request.params as { id?: string };
  // Another one who guesses the id must not use up the session's frames; what is no id is refused anyway.
  return `${request.identity.userId ?? who} ${sessionId.test(id) ? id.toLowerCase() : '-'}`;
}

function nameOf({ identity, ip }: FastifyRequest): string {
  return identity.keyId ?? identity.userId ?? networkOf(ip);
}

/** An IPv4 address; of an IPv6 address the network, as one customer has all 2^64 of it (RFC 6177). */
function networkOf(ip: string): string {
  if (!ip.includes(':') || !ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::`;
}

function announce(reply: FastifyReply, standings: readonly RateStanding[], metrics: Metrics): void {
  const [tightest] = standings.toSorted((a, b) => a.remaining - b.remaining);
  if (!tightest) return;
  const policies = standings.map(
    ({ policy, rule }) => `"${policy}";q=${rule.requests};w=${rule.windowSeconds}`,
  );
  const now = standings.map(
    ({ policy, remaining, resetSeconds }) => `"${policy}";r=${remaining};t=${resetSeconds}`,
  );
  reply.headers({
    'ratelimit-policy': policies.join(', '),
    ratelimit: now.join(', '),
    'ratelimit-limit': tightest.rule.requests,
    'ratelimit-remaining': tightest.remaining,
    'ratelimit-reset': tightest.resetSeconds,
  });
  const refused = standings.find(({ allowed }) => !allowed);
  if (refused) throw refusal(refused, metrics);
}

function refusal({ policy, rule, resetSeconds }: RateStanding, metrics: Metrics): FoveaError {
  metrics.work.rateLimited(policy);
  const whose = policy === 'caller' ? 'one caller' : 'one session';
  return new FoveaError(
    'RATE_LIMITED',
    `More than ${rule.requests} requests of ${whose} within ${rule.windowSeconds} s; try again in ${resetSeconds} s.`,
    {
      policy,
      limit: rule.requests,
      window_seconds: rule.windowSeconds,
      retry_after_seconds: resetSeconds,
    },
  );
}
