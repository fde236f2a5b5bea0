import { z } from 'zod';

/** What the system says when a server cannot be reached or went away. */
const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT', // the socket's file
  'EACCES',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
]);

/** Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html */
const sqlStates = [
  '08', // connection exception
  '28', // authorisation: only while connecting
  '3D000', // no such database: only while connecting
  '53', // out of connections, memory or disk
  '57014', // statement time-out
  '57P', // shutdown, crash, starting up, idle time-outs
  '58', // the server's own I/O
  '25006', // read-only: a standby, or the primary that was just replaced
  '25P03', // idle in a transaction for too long
];

/** The driver's own errors have no code. */
const driverMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'is not queryable',
  'driver has already been destroyed',
  'Cannot use a pool after calling end on the pool',
  'The server does not support SSL connections',
];

const coded = z.object({ code: z.string() });

/** Whether the database did not answer (lost, refused, too slow), as opposed to refusing the SQL. */
export function isConnectionFailure(error: unknown): boolean {
  const { data } = coded.safeParse(error);
  if (data !== undefined)
    return systemCodes.has(data.code) || sqlStates.some((state) => data.code.startsWith(state));
  return error instanceof Error && driverMessages.some((text) => error.message.includes(text));
}

/** Whether the server answers, but has no connection or memory to spare. */
export function isOutOfRoom(error: unknown): boolean {
  return coded.safeParse(error).data?.code.startsWith('53') ?? false;
}

/** Whether a text was refused for what no text of the database can hold: NUL, alone or as `\u0000` of JSON. */
export function isUnstorableText(error: unknown): boolean {
  const code = coded.safeParse(error).data?.code;
  return code === '22021' || code === '22P05';
}

/** Whether a row was refused because its partition does not exist (or another check failed). */
export function isMissingPartition(error: unknown): boolean {
  return coded.safeParse(error).data?.code === '23514';
}

/** One line for the operator. A refused "localhost" is an AggregateError without a message. */
export function failureReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message || (coded.safeParse(error).data?.code ?? 'unknown error');
}
