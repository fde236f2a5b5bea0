import type { RedisClientOptions } from '@redis/client';

export type RedisTarget = Pick<
  RedisClientOptions,
  'url' | 'socket' | 'database' | 'username' | 'password'
>;

/**
 * `redis://` and `rediss://` as the client reads them, and `unix:///path/of.sock?db=1`, with
 * `unix://user:password@/path` where the server asks for one.
 */
export function redisTarget(url: string): RedisTarget {
  if (!url.startsWith('unix:')) return { url };
  const { pathname, searchParams, username, password } = new URL(url);
  return {
    socket: { path: decodeURIComponent(pathname), tls: false },
    ...(searchParams.has('db') ? { database: Number(searchParams.get('db')) } : {}),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}
