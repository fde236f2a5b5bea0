import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { call, login, ok, password, person, type Person } from '../support/accounts.ts';
import { form, photo, startTestServer, until, type TestServer } from '../support/server.ts';

describe('access while the database is away', { concurrency: false }, () => {
  let server: TestServer;
  let admin: Person;
  let postmaster: number;
  before(async () => {
    server = await startTestServer({ FOVEA_AUTH: 'required', FOVEA_WORKERS: '1' });
    admin = await person(server, 'admin@example.org');
    const file = join(server.dataDirectory, 'postgres/cluster/data/postmaster.pid');
    postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
  });
  after(async () => {
    try {
      process.kill(postmaster, 'SIGCONT');
    } catch {
      // it was replaced
    }
    await server.close();
  });

  /** Stopped, not killed: nothing answers, and nothing restarts it. */
  function stopDatabase(): void {
    process.kill(postmaster, 'SIGSTOP');
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
    for (const child of children.trim().split(' ').map(Number)) process.kill(child, 'SIGKILL');
  }

  it('goes by what is known, and says 503 where it must ask', async () => {
    const make = async (name: string): Promise<string> =>
      (
        await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
          body: { name, scopes: ['images', 'models:read'] },
          token: admin.token,
        })
      ).key;
    const [used, unused] = [await make('used'), await make('unused')];
    await ok(server, '/api/v1/setup', { token: used });
    const ended = await login(server, 'admin@example.org');
    await ok(server, '/api/v1/setup', { token: ended.access_token });
    const { access_token: unseen, refresh_token: refresh } = await login(
      server,
      'admin@example.org',
    );
    await ok(server, 'POST /api/v1/auth/logout', { token: ended.access_token });
    assert.equal((await call(server, '/api/v1/setup', { token: ended.access_token })).status, 401);

    stopDatabase();
    await until('the loss to be noticed', async () =>
      (await call(server, '/health/live')).headers.has('fovea-degraded'),
    );
    for (const [what, token] of Object.entries({ known: admin.token, unseen, used }))
      assert.equal((await call(server, '/api/v1/setup', { token })).status, 200, what);
    const image = await server.fetch('/api/analyze/image', {
      method: 'POST',
      headers: { authorization: `Bearer ${used}` },
      body: form(await photo('coffee.png')),
    });
    assert.equal(image.status, 200);
    assert.equal((await call(server, '/api/v1/setup')).code, 'UNAUTHENTICATED');
    assert.equal((await call(server, '/api/v1/setup', { token: 'nonsense' })).status, 401);
    const body = { email: 'admin@example.org', password };
    for (const answer of [
      await call(server, '/api/v1/setup', { token: unused }),
      await call(server, 'POST /api/v1/auth/login', { body }),
      await call(server, 'POST /api/v1/auth/refresh', { body: { refresh_token: refresh } }),
      await call(server, 'POST /api/v1/auth/register', {
        body: { ...body, email: 'x@example.org' },
      }),
      await call(server, '/api/v1/users', { token: admin.token }),
    ]) {
      assert.equal(answer.code, 'DATABASE_UNAVAILABLE', answer.text);
      assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    }

    process.kill(postmaster, 'SIGCONT');
    await until(
      'the database to return',
      async () => (await call(server, 'POST /api/v1/auth/login', { body })).status === 200,
    );
    await ok(server, '/api/v1/setup', { token: unused });
    await ok(server, 'POST /api/v1/auth/refresh', { body: { refresh_token: refresh } });
  });
});
