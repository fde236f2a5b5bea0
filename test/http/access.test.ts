import assert from 'node:assert/strict';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { fastify } from 'fastify';
import type { Accounts } from '../../src/accounts/accounts.ts';
import type { App } from '../../src/http/app-deps.ts';
import { authenticate } from '../../src/http/hooks/authenticate.ts';
import { scope as scopes } from '../../src/protocol/account.ts';
import {
  auditEntries,
  call,
  login,
  ok,
  person,
  register,
  type Answer,
  type Person,
} from '../support/accounts.ts';
import { form, photo, startTestServer, type TestServer } from '../support/server.ts';

interface Operation {
  readonly route: string;
  readonly method: string;
  readonly scope: string;
}

interface Document {
  readonly components: { securitySchemes: Record<string, object> };
  readonly paths: Record<
    string,
    Record<string, { security?: Record<string, unknown>[]; 'x-fovea-scope'?: string }>
  >;
}

const someId = '01a1fca8-0000-7000-8000-000000000000';

/** Every documented route, with an id that leads nowhere. */
/** An answer of it has no end; `test/setup/setup.test.ts` asks it. */
const endless = '/api/v1/setup/events';

async function operations(server: TestServer): Promise<Operation[]> {
  const { paths } = await ok<Document>(server, '/openapi.json');
  return Object.entries(paths)
    .filter(([path]) => path !== endless)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security, 'x-fovea-scope': scope = 'public' }]) => {
        assert.ok(security, `${method} ${path} says nothing of security`);
        assert.equal(security.length === 0, scope === 'public', `${method} ${path}`);
        const route = `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, someId)}`;
        return { route, method: method.toUpperCase(), scope };
      }),
    );
}

describe('who may do what', { concurrency: false }, () => {
  let server: TestServer;
  let admin: Person;
  let member: Person;
  let viewer: Person;
  before(async () => {
    server = await startTestServer({ FOVEA_AUTH: 'required', FOVEA_WORKERS: '1' });
    admin = await person(server, 'admin@example.org');
    member = await person(server, 'member@example.org');
    viewer = await person(server, 'viewer@example.org', { role: 'viewer', admin: admin.token });
  });
  after(async () => await server.close());

  const keep = async (token: string, name = 'coffee.png'): Promise<string> => {
    const response = await server.fetch('/api/v1/validate/image', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form(await photo(name)),
    });
    assert.equal(response.status, 200);
    return ((await response.json()) as { image_id: string }).image_id;
  };

  it('does not start with a route that declares no scope', async () => {
    const app = fastify() as unknown as App;
    authenticate(app, { required: true, authenticator: undefined } as unknown as Accounts);
    assert.throws(
      () => app.get('/api/v1/forgotten', () => 'everything'),
      /GET \/api\/v1\/forgotten declares no scope/,
    );
    app.get('/declared', { config: { scope: 'images' } }, () => '');
    await app.close();
  });

  it('lets nobody in anywhere but where everybody may go', async () => {
    const open = new Set<string>();
    for (const { route, scope } of await operations(server)) {
      const { code } = await call(server, route, { headers: { 'x-forwarded-for': '10.0.0.1' } });
      if (scope === 'public') open.add(route);
      else assert.equal(code, 'UNAUTHENTICATED', route);
    }
    assert.deepEqual([...open].toSorted(), [
      'GET /api/v1/auth/access',
      'GET /health',
      'GET /health/deep',
      'GET /health/live',
      'GET /health/ready',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/logout',
      'POST /api/v1/auth/refresh',
      'POST /api/v1/auth/register',
    ]);
    for (const page of ['/openapi.json', '/docs', '/'])
      assert.equal((await call(server, page)).status, 200, page);
    assert.equal((await call(server, '/api/v1/nothing')).code, 'ROUTE_NOT_FOUND');
  });

  it('goes by the scope of the route, for each role and each key', async () => {
    const keys = await Promise.all(
      scopes.options.map(async (scope) => {
        const made = await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
          body: { name: scope, scopes: [scope] },
          token: admin.token,
        });
        return { name: `key for ${scope}`, token: made.key, scopes: [scope], key: true };
      }),
    );
    const noAdmin = scopes.options.filter((scope) => scope !== 'admin');
    const callers: {
      name: string;
      token: string;
      scopes: string[];
      key?: boolean;
      reads?: true;
    }[] = [
      { name: 'admin', token: admin.token, scopes: [...scopes.options] },
      { name: 'member', token: member.token, scopes: noAdmin },
      { name: 'viewer', token: viewer.token, scopes: noAdmin, reads: true },
      ...keys,
    ];
    const allowed = (caller: (typeof callers)[number], { scope, method }: Operation): boolean => {
      if (scope === 'account') return true;
      if (scope === 'person') return !caller.key;
      return caller.scopes.includes(scope) && (!caller.reads || method === 'GET');
    };
    let [yes, no] = [0, 0];
    for (const operation of await operations(server)) {
      if (operation.scope === 'public') continue;
      for (const caller of callers) {
        const answer = await call(server, operation.route, { token: caller.token });
        const what = `${caller.name}: ${operation.route}: ${answer.text.slice(0, 200)}`;
        const expected = allowed(caller, operation);
        assert.equal(answer.code !== 'FORBIDDEN', expected, what);
        assert.notEqual(answer.code, 'UNAUTHENTICATED', what);
        assert.notEqual(answer.code, 'INTERNAL', what);
        if (expected) yes += 1;
        else {
          no += 1;
          assertNamesScope(answer, operation.scope);
        }
      }
    }
    assert.ok(yes > 100 && no > 100, `${yes} allowed, ${no} refused`);
  });

  it('keeps images apart by owner, and shows all to the administrator', async () => {
    const other = await person(server, 'tenant@example.org');
    const [mine, theirs] = [await keep(member.token), await keep(other.token)];
    assert.notEqual(mine, theirs, 'the same photo of another owner is another image');
    for (const path of [`/api/v1/images/${theirs}`, `/api/v1/images/${theirs}/content`])
      assert.equal((await call(server, path, { token: member.token })).code, 'IMAGE_NOT_FOUND');
    const analysis = { body: { image_id: theirs }, token: member.token };
    const analyze = 'POST /api/v1/analyze/by-id';
    assert.equal((await call(server, analyze, analysis)).code, 'IMAGE_NOT_FOUND');
    const remove = `DELETE /api/v1/images/${theirs}`;
    assert.equal((await call(server, remove, { token: member.token })).code, 'IMAGE_NOT_FOUND');
    const ids = async (token: string): Promise<string[]> =>
      (await ok<{ items: { image_id: string }[] }>(server, '/api/v1/images', { token })).items.map(
        (item) => item.image_id,
      );
    assert.deepEqual(await ids(member.token), [mine]);
    assert.deepEqual(await ids(viewer.token), []);
    assert.deepEqual((await ids(admin.token)).toSorted(), [mine, theirs].toSorted());
    await ok(server, `/api/v1/images/${theirs}`, { token: admin.token });
    const narrow = await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
      body: { name: 'narrow', scopes: ['images'] },
      token: admin.token,
    });
    assert.deepEqual(await ids(narrow.key), [], "an administrator's narrow key sees its own");
    await ok(server, `DELETE /api/v1/images/${theirs}`, { token: admin.token });
    const [entry] = await auditEntries(server, admin.token, `target=${theirs}`);
    assert.equal(entry?.action, 'DELETE /api/v1/images/:id');
    assert.equal(entry?.actor_id, admin.user.id);
  });

  it('lets administrators list, show, change and delete accounts', async () => {
    const { items, next_cursor: cursor } = await ok<{
      items: { id: string }[];
      next_cursor: string;
    }>(server, '/api/v1/users?limit=2', { token: admin.token });
    const rest = await ok<{ items: { id: string }[] }>(
      server,
      `/api/v1/users?limit=100&cursor=${encodeURIComponent(cursor)}`,
      { token: admin.token },
    );
    assert.equal(items.length, 2);
    assert.equal(
      new Set([...items, ...rest.items].map(({ id }) => id)).size,
      2 + rest.items.length,
    );
    const user = await register(server, 'leaves@example.org');
    const route = `/api/v1/users/${user.id}`;
    assert.equal((await ok(server, route, { token: admin.token }))['email'], 'leaves@example.org');
    for (const body of [{}, { role: 'root' }, { email: 'x@example.org' }])
      assert.equal(
        (await call(server, `PATCH ${route}`, { body, token: admin.token })).code,
        'REQUEST_INVALID',
      );
    const { access_token: token } = await login(server, 'leaves@example.org');
    await ok(server, `DELETE ${route}`, { token: admin.token });
    assert.equal((await call(server, '/api/v1/auth/me', { token })).code, 'UNAUTHENTICATED');
    assert.equal((await call(server, route, { token: admin.token })).code, 'USER_NOT_FOUND');
    const entries = await auditEntries(server, admin.token, `target=${user.id}&action=user.delete`);
    assert.equal(entries[0]?.actor_id, admin.user.id);
    assert.equal(entries[0]?.address, '127.0.0.1');
    assert.match(entries[0]?.request_id ?? '', /-/);
  });

  it('gives a new role at once, and takes access from the disabled at once', async () => {
    const { user, token, tokens } = await person(server, 'changes@example.org');
    const { key } = await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
      body: { name: 'k', scopes: ['images', 'models:write'] },
      token,
    });
    const change = async (body: object): Promise<unknown> =>
      await ok(server, `PATCH /api/v1/users/${user.id}`, { body, token: admin.token });
    const read = async (credential: string): Promise<number> =>
      (await call(server, '/api/v1/images', { token: credential })).status;
    const write = async (credential: string): Promise<string | undefined> =>
      (await call(server, `DELETE /api/v1/images/${someId}`, { token: credential })).code;
    assert.deepEqual([await read(token), await read(key)], [200, 200]);
    await change({ role: 'viewer' });
    assert.deepEqual([await read(token), await read(key)], [200, 200]);
    assert.deepEqual([await write(token), await write(key)], ['FORBIDDEN', 'FORBIDDEN']);
    await change({ disabled: true });
    assert.deepEqual([await read(token), await read(key)], [401, 401]);
    const body = { refresh_token: tokens.refresh_token };
    assert.equal((await call(server, 'POST /api/v1/auth/refresh', { body })).status, 401);
    const again = await call(server, 'POST /api/v1/auth/login', {
      body: { email: user.email, password: 'correct horse battery' },
    });
    assert.equal(again.code, 'LOGIN_FAILED');
    await change({ disabled: false, role: 'member' });
    assert.deepEqual([await read(token), await read(key)], [401, 200], 'logins ended for good');
    const [entry] = await auditEntries(server, admin.token, `target=${user.id}&action=user.change`);
    assert.deepEqual(entry?.details, {
      before: { role: 'viewer', disabled: true },
      after: { role: 'member', disabled: false },
    });
  });

  it('always keeps an administrator, also when two step down at once', async () => {
    const route = `/api/v1/users/${admin.user.id}`;
    for (const attempt of [
      { route: `PATCH ${route}`, body: { role: 'member' } },
      { route: `PATCH ${route}`, body: { disabled: true } },
      { route: `DELETE ${route}` },
    ])
      assert.equal(
        (await call(server, attempt.route, { body: attempt.body, token: admin.token })).code,
        'LAST_ADMIN',
      );
    const second = await person(server, 'second@example.org', {
      role: 'admin',
      admin: admin.token,
    });
    const down = async ({ user, token }: Person): Promise<Answer> =>
      await call(server, `PATCH /api/v1/users/${user.id}`, { body: { role: 'member' }, token });
    const both = await Promise.all([down(admin), down(second)]);
    assert.deepEqual(
      both.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409],
    );
    const [left, gone] = both[0]?.status === 200 ? [second, admin] : [admin, second];
    await ok(server, `PATCH /api/v1/users/${gone.user.id}`, {
      body: { role: 'admin' },
      token: left.token,
    });
  });

  it('shows metrics to this machine, and else to administrators', async () => {
    assert.equal((await call(server, '/metrics')).status, 200);
    const relayed = { 'x-forwarded-for': '203.0.113.9' };
    assert.equal((await call(server, '/metrics', { headers: relayed })).code, 'UNAUTHENTICATED');
    assert.equal((await call(server, '/metrics', { token: member.token })).code, 'FORBIDDEN');
    assert.equal((await call(server, '/metrics', { token: admin.token })).status, 200);
  });

  it('does not read the body of those it refuses', async () => {
    const response = await server.fetch('/api/v1/validate/image', {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: Buffer.alloc(5 * 1024 * 1024),
    });
    assert.equal(response.status, 401);
  });

  it('documents how to come in', async () => {
    const { components, paths } = await ok<Document>(server, '/openapi.json');
    assert.deepEqual(Object.keys(components.securitySchemes), ['bearer', 'apiKey']);
    assert.deepEqual(paths['/api/v1/images']?.['get']?.security, [{ bearer: [] }, { apiKey: [] }]);
    assert.deepEqual(paths['/api/v1/api-keys']?.['post']?.security, [{ bearer: [] }]);
    assert.deepEqual(paths['/api/v1/auth/login']?.['post']?.security, []);
  });
});

describe('where accounts are not needed', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
  });
  after(async () => await server.close());

  it('lets everybody do everything but what needs an account', async () => {
    assert.equal(await server.firstAccount, undefined);
    for (const route of ['/api/v1/images', '/api/v1/users', '/api/v1/audit-log', '/metrics'])
      assert.equal((await call(server, route)).status, 200, route);
    for (const route of ['/api/v1/auth/me', '/api/v1/api-keys'])
      assert.equal((await call(server, route)).code, 'UNAUTHENTICATED', route);
  });

  it('still goes by what those say who say who they are', async () => {
    await person(server, 'first@example.org');
    const { token } = await person(server, 'member@example.org');
    assert.equal((await call(server, '/api/v1/users', { token })).code, 'FORBIDDEN');
    assert.equal((await call(server, '/api/v1/images', { token: 'nonsense' })).status, 401);
    const response = await server.fetch('/api/v1/validate/image', {
      method: 'POST',
      body: form(await photo('coffee.png')),
    });
    const { image_id: id } = (await response.json()) as { image_id: string };
    await ok(server, `/api/v1/images/${id}`);
    assert.equal((await call(server, `/api/v1/images/${id}`, { token })).code, 'IMAGE_NOT_FOUND');
  });

  it('needs them elsewhere, where a host name does not matter', async () => {
    const outside = await startTestServer({ HOST: '0.0.0.0', FOVEA_WORKERS: '1' });
    try {
      assert.equal((await call(outside, '/api/v1/images')).code, 'UNAUTHENTICATED');
      const { port } = new URL(outside.url);
      const { promise, resolve } = Promise.withResolvers<number | undefined>();
      request(`http://127.0.0.1:${port}/health/live`, { headers: { host: 'fovea.example' } })
        .on('response', (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .end();
      assert.equal(await promise, 200);
      await register(outside, 'first@example.org');
      const body = { email: 'second@example.org', password: 'correct horse battery' };
      const uninvited = await call(outside, 'POST /api/v1/auth/register', { body });
      assert.equal(uninvited.code, 'INVITE_INVALID');
      const address = Object.values(networkInterfaces())
        .flat()
        .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
      if (address !== undefined) {
        const response = await fetch(`http://${address}:${port}/metrics`);
        assert.equal(response.status, 401, 'this machine by its outer address is not loopback');
      }
    } finally {
      await outside.close();
    }
  });
});

describe('invites', { concurrency: false }, () => {
  let server: TestServer;
  let admin: Person;
  before(async () => {
    const settings = { FOVEA_AUTH: 'required', FOVEA_REGISTRATION: 'invite', FOVEA_WORKERS: '1' };
    server = await startTestServer(settings);
    admin = await person(server, 'admin@example.org');
  });
  after(async () => await server.close());

  const invite = async (body: object): Promise<{ id: string; code: string }> =>
    await ok(server, 'POST /api/v1/invites', { body, token: admin.token });
  const join = async (email: string, code?: string): Promise<Answer> =>
    await call(server, 'POST /api/v1/auth/register', {
      body: { email, password: 'correct horse battery', ...(code ? { invite: code } : {}) },
    });

  it('let one person in each, with a role', async () => {
    const { id, code } = await invite({ role: 'viewer' });
    for (const bad of [undefined, 'fovi_nonsense'])
      assert.equal((await join('x@example.org', bad)).code, 'INVITE_INVALID');
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, index) => join(`guest${index}@example.org`, code)),
    );
    const [guest, ...more] = all.filter(({ status }) => status === 201);
    assert.equal(more.length, 0);
    assert.equal(guest?.body['role'], 'viewer');
    const list = await call(server, '/api/v1/invites', { token: admin.token });
    assert.ok(!list.text.includes(code));
    const [used] = list.body['items'] as { id: string; used_by: string }[];
    assert.deepEqual([used?.id, used?.used_by], [id, guest?.body['id']]);
  });

  it('are not used up by an address that is taken, and can be taken back', async () => {
    const { id, code } = await invite({});
    assert.equal((await join('admin@example.org', code)).code, 'EMAIL_TAKEN');
    await ok(server, `DELETE /api/v1/invites/${id}`, { token: admin.token });
    assert.equal((await join('late@example.org', code)).code, 'INVITE_INVALID');
    const again = await call(server, `DELETE /api/v1/invites/${id}`, { token: admin.token });
    assert.equal(again.code, 'INVITE_NOT_FOUND');
  });

  it('keeps an audit log that nobody can change', async () => {
    const { items } = await ok<{ items: { action: string }[] }>(
      server,
      '/api/v1/audit-log?limit=100',
      { token: admin.token },
    );
    const actions = new Set(items.map(({ action }) => action));
    for (const action of ['user.add', 'login.start', 'invite.create', 'invite.delete'])
      assert.ok(actions.has(action), action);
  });
});

function assertNamesScope(answer: Answer, scope: string): void {
  const { details } = answer.body['error'] as { details: { scope: string } };
  assert.equal(details.scope, scope);
  assert.ok(answer.headers.get('www-authenticate')?.includes(`scope="${scope}"`));
}
