import assert from 'node:assert/strict';
import type { Tokens, User } from '../../src/protocol/account.ts';
import { until, type TestServer } from './server.ts';

export const password = 'correct horse battery';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  /** Of an error. */
  readonly code: string | undefined;
  readonly text: string;
}

/** One request with JSON in and out. */
export async function call(
  server: TestServer,
  route: string,
  options: { body?: unknown; headers?: Record<string, string>; token?: string } = {},
): Promise<Answer> {
  const [path = '', method = 'GET'] = route.split(' ').toReversed();
  const response = await server.fetch(path, {
    method,
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  let body: Answer['body'] = {};
  try {
    body = JSON.parse(text) as Answer['body'];
  } catch {
    // not JSON: metrics, pages, nothing
  }
  const code = (body['error'] as { code: string } | undefined)?.code;
  return { status: response.status, headers: response.headers, body, code, text };
}

/** The same, asserting success. */
export async function ok<T = Record<string, unknown>>(
  ...args: Parameters<typeof call>
): Promise<T> {
  const answer = await call(...args);
  assert.ok(answer.status < 300, `${args[1]}: ${answer.status} ${answer.text}`);
  return answer.body as T;
}

export async function register(server: TestServer, email: string, more = {}): Promise<User> {
  return await ok<User>(server, 'POST /api/v1/auth/register', {
    body: { email, password, ...more },
  });
}

export async function login(server: TestServer, email: string, word = password): Promise<Tokens> {
  return await ok<Tokens>(server, 'POST /api/v1/auth/login', { body: { email, password: word } });
}

export interface Person {
  readonly user: User;
  readonly token: string;
  readonly tokens: Tokens;
}

/** A new account, logged in; with a role, by the administrator's hand. */
export async function person(
  server: TestServer,
  email: string,
  role?: { role: User['role']; admin: string },
): Promise<Person> {
  const user = await register(server, email);
  if (role)
    await ok(server, `PATCH /api/v1/users/${user.id}`, {
      body: { role: role.role },
      token: role.admin,
    });
  const tokens = await login(server, email);
  return { user, token: tokens.access_token, tokens };
}

interface Entry {
  readonly action: string;
  readonly actor_id: string | null;
  readonly actor_kind: string;
  readonly target: string | null;
  readonly address: string | null;
  readonly request_id: string | null;
  readonly details: Record<string, unknown>;
}

/** Audit entries by a query, waited for: some are written just after the answer. */
export async function auditEntries(
  server: TestServer,
  token: string,
  query: string,
): Promise<Entry[]> {
  let items: Entry[] = [];
  await until(`an audit entry for ${query}`, async () => {
    const answer = await ok<{ items: Entry[] }>(server, `GET /api/v1/audit-log?${query}`, {
      token,
    });
    items = answer.items;
    return items.length > 0;
  });
  return items;
}
