import { ErrorReply } from '@redis/client';

/** Replies that speak of the server's state and not of the command: https://redis.io/docs/latest/develop/reference/protocol-spec/ and `src/server.c`. */
const serverTrouble =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|OOM|BUSY|MISCONF|NOAUTH|WRONGPASS|NOPERM|NOREPLICAS|TRYAGAIN|ERR max number of clients)\b/;

/** Whether the server did not do its work, as opposed to refusing a command that is wrong. */
export function isRedisFailure(error: unknown): boolean {
  return !(error instanceof ErrorReply) || serverTrouble.test(error.message);
}
