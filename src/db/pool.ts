import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { Pool, type Client, type PoolClient } from 'pg';
import { isConnectionFailure } from './connection-errors.ts';
import type { ConnectionTarget } from './database-source.ts';
import type { Tables } from './tables.ts';

/** Bounds of a pool; times in milliseconds. */
export interface PoolLimits {
  readonly connections: number;
  /** For a connection, be it a new one or one that another request gives back. */
  readonly connectTimeoutMs: number;
  /** For one statement, on the server; the client itself gives up 2 s later. */
  readonly statementTimeoutMs: number;
}

/**
 * A pool on `target` and the query builder on it. `onError`: an idle connection broke. When `dropped` is aborted every
 * connection is cut, and what runs on one fails at once: the server does not answer, and nobody shall wait for it.
 */
export function openPool(
  target: ConnectionTarget,
  limits: PoolLimits,
  onError: (error: Error) => void,
  dropped?: AbortSignal,
): Kysely<Tables> {
  const pool = new Pool({
    ...target,
    max: limits.connections,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    statement_timeout: limits.statementTimeoutMs,
    query_timeout: limits.statementTimeoutMs + 2_000,
    idle_in_transaction_session_timeout: 60_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'fovea',
  });
  // Without a listener, the end of the server would end this program.
  pool.on('error', onError);
  // Nor has a connection in use one: its query fails, and then it reports the same once more.
  pool.on('connect', (client) => void client.on('error', () => {}));
  if (dropped) cutWith(pool, dropped);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: discardBroken(pool) }) });
}

const opensTransaction = /^\s*begin\b/i;

function cutWith(pool: Pool, dropped: AbortSignal): void {
  const open = new Set<PoolClient>();
  pool.on('connect', (client) => void open.add(client));
  pool.on('remove', (client) => void open.delete(client));
  const cut = (): void => {
    // Ends the socket of one whose query is on its way.
    for (const client of open) (client as unknown as Client).end().catch(() => {});
  };
  dropped.addEventListener('abort', cut, { once: true });
}

/**
 * Kysely gives every connection back as good. One whose query timed out on a dead network would
 * then hold up the next request as well, and one that is left in a transaction (as by several statements in one text,
 * of which one failed) would fail it; so it is closed instead.
 */
function discardBroken(pool: Pool): PostgresPool {
  const connect = async () => {
    const client = await pool.connect();
    let broken = false;
    const query = async (text: string, values: unknown[]) => {
      try {
        return await client.query(text, values);
      } catch (error) {
        broken ||= isConnectionFailure(error) || opensTransaction.test(text);
        throw error;
      }
    };
    const release = (destroy?: boolean): void => {
      const idle = client.getTransactionStatus() === 'I';
      client.release(destroy === true || broken || !idle);
    };
    return { query, release };
  };
  return {
    options: pool.options,
    connect: connect as unknown as PostgresPool['connect'],
    end: () => pool.end(),
  };
}
