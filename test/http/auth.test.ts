import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Tokens, User } from '../../src/protocol/account.ts';
import {
  auditEntries,
  call,
  login,
  ok,
  password,
  person,
  register,
  type Answer,
} from '../support/accounts.ts';
import { startTestServer, until, type TestServer } from '../support/server.ts';

describe('accounts over HTTP', { concurrency: false }, () => {
  let server: TestServer;
  let admin: { user: User; token: string };
  before(async () => {
    server = await startTestServer({ FOVEA_AUTH: 'required', FOVEA_WORKERS: '1' });
  });
  after(async () => await server.close());

  const refresh = async (token: string) =>
    await call(server, 'POST /api/v1/auth/refresh', { body: { refresh_token: token } });

  it('tells how to make the first account', async () => {
    assert.match((await server.firstAccount) ?? '', /auth\/register/);
    assert.match(server.banner, /account or API key/);
  });

  it('makes exactly one administrator of 20 who register at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => register(server, `first${index}@example.org`)),
    );
    const admins = all.filter(({ role }) => role === 'admin');
    assert.equal(admins.length, 1);
    assert.equal(all.filter(({ role }) => role === 'member').length, 19);
    const [user] = admins;
    assert.ok(user);
    admin = { user, token: (await login(server, user.email)).access_token };
  });

  it('gives one address to one account, however it is written', async () => {
    const body = (email: string) => ({ body: { email, password } });
    const all = await Promise.all(
      Array.from({ length: 5 }, () =>
        call(server, 'POST /api/v1/auth/register', body('jürgen@müller.de')),
      ),
    );
    assert.deepEqual(
      all.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 409, 409, 409, 409],
    );
    for (const email of ['JÜRGEN@Müller.de', ' ju\u0308rgen@xn--mller-kva.de', 'Jürgen＠müller.de'])
      assert.equal(
        (await call(server, 'POST /api/v1/auth/register', body(email))).code,
        'EMAIL_TAKEN',
      );
    const tokens = await login(server, 'Jürgen@MÜLLER.DE');
    const me = await ok(server, '/api/v1/auth/me', { token: tokens.access_token });
    assert.equal(me['email'], 'jürgen@müller.de');
    assert.equal((await call(server, 'POST /api/v1/auth/register', body('nobody'))).status, 400);
  });

  it('refuses bad passwords and unknown fields without repeating them', async () => {
    for (const body of [
      { email: 'x@example.org', password: 'secret7' },
      { email: 'x@example.org', password: 'hunter2-'.repeat(200) },
      { email: 'x@example.org', password, role: 'admin' },
      { email: 'x@example.org' },
    ]) {
      const answer = await call(server, 'POST /api/v1/auth/register', { body });
      assert.equal(answer.code, 'REQUEST_INVALID', answer.text);
      assert.doesNotMatch(answer.text, /secret7|hunter2/);
    }
  });

  it('counts 1,024 characters of a password, the last one too', async () => {
    const long = '🔑'.repeat(1_023);
    await ok(server, 'POST /api/v1/auth/register', {
      body: { email: 'long@example.org', password: `${long}a` },
    });
    await login(server, 'long@example.org', `${long}a`);
    for (const wrong of [`${long}b`, long]) {
      const body = { email: 'long@example.org', password: wrong };
      assert.equal((await call(server, 'POST /api/v1/auth/login', { body })).code, 'LOGIN_FAILED');
    }
  });

  it('answers an unknown address and a wrong password alike', async () => {
    const answers = await Promise.all(
      ['first0@example.org', 'unknown@example.org'].map(
        async (email) =>
          await call(server, 'POST /api/v1/auth/login', {
            body: { email, password: 'wrong word' },
          }),
      ),
    );
    const [known, unknown] = answers.map(({ status, body, headers }) => {
      const { request_id: _id, ...error } = body['error'] as Record<string, unknown>;
      return { status, error, challenge: headers.get('www-authenticate') };
    });
    assert.deepEqual(known, unknown);
    assert.equal(known?.status, 401);
    assert.match(known?.challenge ?? '', /^Bearer/);
  });

  it('says who asks', async () => {
    const { user, token } = await person(server, 'me@example.org');
    const me = await ok(server, '/api/v1/auth/me', { token });
    assert.equal(me['id'], user.id);
    assert.equal(me['role'], 'member');
    assert.deepEqual(me['scopes'], [
      'predict',
      'models:read',
      'models:write',
      'images',
      'faces',
      'sessions',
    ]);
    for (const [headers, reason] of [
      [{}, 'missing'],
      [{ authorization: 'Bearer nonsense' }, 'invalid'],
      [{ authorization: 'Basic YTpi' }, 'invalid'],
      [{ authorization: `Bearer ${token}`, 'x-api-key': 'fov_x' }, 'invalid'],
      [{ 'x-api-key': 'fov_x' }, 'invalid'],
      [{ 'x-api-key': `fov_${'A'.repeat(43)}` }, 'invalid'],
    ] as const) {
      const answer = await call(server, '/api/v1/auth/me', { headers });
      assert.equal(answer.code, 'UNAUTHENTICATED');
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      assert.equal(
        (answer.body['error'] as { details: { reason: string } }).details.reason,
        reason,
      );
    }
  });

  it('rotates refresh tokens, and ends the login when one comes twice', async () => {
    const { tokens: first } = await person(server, 'rotate@example.org');
    const second = (await refresh(first.refresh_token)).body as unknown as Tokens;
    const third = (await refresh(second.refresh_token)).body as unknown as Tokens;
    assert.equal(new Set([first, second, third].map((each) => each.refresh_token)).size, 3);
    await ok(server, '/api/v1/auth/me', { token: third.access_token });
    const other = await login(server, 'rotate@example.org');

    const replayed = await refresh(first.refresh_token);
    assert.equal(replayed.code, 'REFRESH_TOKEN_INVALID');
    assert.equal((await refresh(third.refresh_token)).code, 'REFRESH_TOKEN_INVALID');
    for (const { access_token: token } of [first, second, third])
      assert.equal((await call(server, '/api/v1/auth/me', { token })).code, 'UNAUTHENTICATED');
    assert.equal((await refresh(other.refresh_token)).status, 200, 'other logins go on');
    const [entry] = await auditEntries(server, admin.token, 'action=login.reused');
    assert.equal(entry?.actor_id, null);
  });

  it('lets one of many simultaneous refreshes through, and then nobody', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { refresh_token: token } = await login(server, 'rotate@example.org');
      const all = await Promise.all(Array.from({ length: 8 }, () => refresh(token)));
      const good = all.filter(({ status }) => status === 200);
      assert.equal(good.length, 1);
      const next = good[0]?.body['refresh_token'] as string;
      assert.equal((await refresh(next)).code, 'REFRESH_TOKEN_INVALID');
    }
    assert.equal((await refresh('fovr_nonsense')).code, 'REFRESH_TOKEN_INVALID');
  });

  it('ends a login by either of its tokens', async () => {
    const one = await login(server, 'rotate@example.org');
    const other = await login(server, 'rotate@example.org');
    await ok(server, 'POST /api/v1/auth/logout', { token: one.access_token });
    assert.equal((await refresh(one.refresh_token)).status, 401);
    const token = one.access_token;
    assert.equal((await call(server, '/api/v1/auth/me', { token })).status, 401);
    await ok(server, '/api/v1/auth/me', { token: other.access_token });
    await ok(server, 'POST /api/v1/auth/logout', { body: { refresh_token: other.refresh_token } });
    assert.equal((await refresh(other.refresh_token)).status, 401);
    assert.equal((await call(server, 'POST /api/v1/auth/logout')).status, 401);
  });

  it('changes a password, which ends every other login', async () => {
    const { tokens: here } = await person(server, 'change@example.org');
    const there = await login(server, 'change@example.org');
    const change = async (current: string, next: string) =>
      await call(server, 'POST /api/v1/auth/password', {
        body: { current_password: current, new_password: next },
        token: here.access_token,
      });
    assert.equal((await change('wrong word', 'another password')).code, 'LOGIN_FAILED');
    assert.equal((await change(password, 'short')).code, 'REQUEST_INVALID');
    assert.equal((await change(password, 'another password')).status, 204);
    assert.equal((await refresh(there.refresh_token)).status, 401);
    assert.equal((await refresh(here.refresh_token)).status, 200);
    const old = { email: 'change@example.org', password };
    assert.equal(
      (await call(server, 'POST /api/v1/auth/login', { body: old })).code,
      'LOGIN_FAILED',
    );
    await login(server, 'change@example.org', 'another password');
  });

  it('makes keys that are shown once, and counts and revokes them', async () => {
    const { token } = await person(server, 'keys@example.org');
    const made = await ok<{ id: string; key: string; prefix: string }>(
      server,
      'POST /api/v1/api-keys',
      { body: { name: 'ci', scopes: ['images', 'predict', 'images'] }, token },
    );
    assert.match(made.key, /^fov_[\w-]{43}$/);
    assert.ok(made.key.startsWith(made.prefix) && made.prefix.length === 12);
    const shown = await call(server, `/api/v1/api-keys/${made.id}`, { token });
    const list = await call(server, '/api/v1/api-keys?limit=1', { token });
    for (const { text } of [shown, list]) {
      assert.doesNotMatch(text, new RegExp(made.key));
      assert.doesNotMatch(text, /hash/);
    }
    assert.deepEqual(shown.body['scopes'], ['images', 'predict']);

    const key = made.key;
    await ok(server, '/api/v1/images', { token: key });
    await ok(server, '/api/v1/images', { headers: { 'x-api-key': key } });
    const me = await ok(server, '/api/v1/auth/me', { token: key });
    assert.deepEqual([me['scopes'], me['api_key_id']], [['images', 'predict'], made.id]);
    for (const route of ['POST /api/v1/api-keys', 'DELETE /api/v1/api-keys/x', '/api/v1/api-keys'])
      assert.equal((await call(server, route, { token: key })).code, 'FORBIDDEN', route);
    await until(
      'the last use',
      async () =>
        (await ok(server, `/api/v1/api-keys/${made.id}`, { token }))['last_used_at'] !== null,
    );

    const { token: other } = await person(server, 'other@example.org');
    for (const method of ['GET', 'DELETE']) {
      const route = `${method} /api/v1/api-keys/${made.id}`;
      assert.equal((await call(server, route, { token: other })).code, 'API_KEY_NOT_FOUND');
    }
    await ok(server, `DELETE /api/v1/api-keys/${made.id}`, { token });
    assert.equal((await call(server, '/api/v1/images', { token: key })).code, 'UNAUTHENTICATED');
  });

  it('makes no key beyond its owner, of the past, or without bound', async () => {
    const { token } = await person(server, 'greedy@example.org');
    const make = async (body: object) =>
      await call(server, 'POST /api/v1/api-keys', { body, token });
    assert.equal((await make({ name: 'x', scopes: ['admin'] })).code, 'FORBIDDEN');
    assert.equal((await make({ name: 'x', scopes: ['nothing'] })).code, 'REQUEST_INVALID');
    const past = { name: 'x', scopes: ['images'], expires_at: '2020-01-01T00:00:00Z' };
    assert.equal((await make(past)).code, 'REQUEST_INVALID');
    // In small bursts, which a busy machine can do too; the last one runs into the limit.
    const all: Answer[] = [];
    while (all.length < 105)
      all.push(
        ...(await Promise.all(
          [1, 2, 3, 4, 5, 6, 7].map(() => make({ name: 'x', scopes: ['images'] })),
        )),
      );
    assert.equal(all.filter(({ status }) => status === 201).length, 100);
    assert.equal(all.filter(({ code }) => code === 'API_KEY_LIMIT').length, 5);
    const { token: another } = await person(server, 'expiry@example.org');
    const soon = new Date(Date.now() + 6_000).toISOString();
    const body = { name: 'x', scopes: ['images'], expires_at: soon };
    const made = await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
      body,
      token: another,
    });
    await ok(server, '/api/v1/images', { token: made.key });
    await until('the key to expire', async () => {
      const answer = await call(server, '/api/v1/images', { token: made.key });
      return answer.code === 'UNAUTHENTICATED' && /expired/.test(answer.text);
    });
  });

  it('slows down guessing, and says for how long', async () => {
    await register(server, 'guessed@example.org');
    const guess = async (word: string) =>
      await call(server, 'POST /api/v1/auth/login', {
        body: { email: 'guessed@example.org', password: word },
      });
    for (let attempt = 0; attempt < 10; attempt += 1)
      assert.equal((await guess(`wrong word ${attempt}`)).code, 'LOGIN_FAILED');
    const stopped = await guess(password);
    assert.equal(stopped.code, 'RATE_LIMITED');
    assert.equal(stopped.status, 429);
    const seconds = Number(stopped.headers.get('retry-after'));
    assert.ok(seconds > 800 && seconds <= 900, String(seconds));
    await login(server, 'me@example.org');
  });

  it('keeps the keys for its owner, and no secret anywhere it could be read', async () => {
    const file = join(server.dataDirectory, 'keys.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const { keys } = JSON.parse(await readFile(file, 'utf8')) as { keys: { jwk: { d: string } }[] };
    const { user, tokens } = await person(server, 'quiet@example.org');
    const made = await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
      body: { name: 'quiet', scopes: ['images'] },
      token: tokens.access_token,
    });
    await call(server, 'POST /api/v1/auth/login', {
      body: { email: user.email, password: 'a wrong password' },
    });
    await refresh(tokens.refresh_token);
    await auditEntries(server, admin.token, `target=${user.id}&action=login.failed`);
    const audit = (await call(server, '/api/v1/audit-log?limit=100', { token: admin.token })).text;
    const logs = JSON.stringify(server.logs);
    const secrets = [
      password,
      'a wrong password',
      made.key,
      tokens.access_token,
      tokens.refresh_token,
      keys[0]?.jwk.d ?? '',
      '$argon2',
    ];
    for (const secret of secrets)
      for (const [where, text] of Object.entries({ audit, logs }))
        assert.ok(!text.includes(secret), `${where} shows ${secret.slice(0, 10)}`);
  });
});
