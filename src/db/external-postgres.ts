import { FoveaError } from '../errors.ts';
import type { ConnectionTarget, DatabaseSource } from './database-source.ts';

/**
 * The server that `DATABASE_URL` names: `postgres://user:password@host:port/database?sslmode=…`.
 * Throws `DATABASE_UNAVAILABLE` when `url` is none; no message ever quotes it, as it has a password.
 */
export function externalPostgres(url: string): DatabaseSource {
  const target: ConnectionTarget = { connectionString: url };
  return {
    name: `PostgreSQL at ${describe(url)}`,
    start: () => Promise.resolve(target),
    stop: () => Promise.resolve(),
    onLost: () => {}, // nobody tells us: a failing query does
  };
}

function describe(url: string): string {
  // Not in a try around more than this: the error of URL quotes its input.
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    const form = 'postgres://user:password@host:5432/database';
    const message = `DATABASE_URL is not a PostgreSQL URL. It must look like ${form}, with special characters of the password percent-encoded.`;
    throw new FoveaError('DATABASE_UNAVAILABLE', message);
  }
  const host = parsed.hostname || parsed.searchParams.get('host') || 'localhost';
  const user = decodeURIComponent(parsed.username) || 'the default user';
  return `${host}:${parsed.port || '5432'}${parsed.pathname} (as ${user})`;
}
