import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { auditEntries, call, login, ok } from '../support/accounts.ts';
import { startTestServer, until } from '../support/server.ts';

const program = new URL('../../bin/fovea.js', import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line on a data directory, with `input` on its standard input. */
async function fovea(dataDirectory: string, args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, FOVEA_DATA_DIR: dataDirectory },
    cwd: tmpdir(),
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => (output[name] += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...output };
}

describe('fovea users and keys', { concurrency: false }, () => {
  it('makes accounts while no server runs, for the server that starts then', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fovea-users-'));
    try {
      const made = await fovea(
        directory,
        ['users', 'add', 'Ada@Example.org', '--admin'],
        'from the console\n',
      );
      assert.equal(made.code, 0, made.stderr);
      assert.match(made.stdout, /^Ada@example\.org is admin/);
      assert.doesNotMatch(made.stdout + made.stderr, /from the console/);
      const member = await fovea(
        directory,
        ['users', 'add', 'bob@example.org'],
        'another password\n',
      );
      assert.match(member.stdout, /is member/);
      const taken = await fovea(
        directory,
        ['users', 'add', 'ADA@example.org'],
        'another password\n',
      );
      assert.deepEqual([taken.code, /already/.test(taken.stderr)], [1, true]);
      const short = await fovea(directory, ['users', 'add', 'eve@example.org'], 'short\n');
      assert.deepEqual([short.code, /8 to 1024/.test(short.stderr)], [1, true]);

      const server = await startTestServer({
        FOVEA_DATA_DIR: directory,
        FOVEA_AUTH: 'required',
        FOVEA_REGISTRATION: 'closed',
        FOVEA_WORKERS: '1',
      });
      try {
        const { access_token: token } = await login(server, 'ada@example.org', 'from the console');
        const me = await ok<{ id: string; role: string }>(server, '/api/v1/auth/me', { token });
        assert.equal(me.role, 'admin');
        const [entry] = await auditEntries(server, token, `target=${me.id}&action=user.add`);
        assert.equal(entry?.actor_kind, 'cli');
        const body = { email: 'x@example.org', password: 'from the console' };
        const closed = await call(server, 'POST /api/v1/auth/register', { body });
        assert.equal(closed.code, 'REGISTRATION_CLOSED');

        const held = await fovea(
          directory,
          ['users', 'add', 'eve@example.org'],
          'another password\n',
        );
        assert.equal(held.code, 1);
        assert.match(held.stderr, /auth\/register/);
        const rotated = await fovea(directory, ['keys', 'rotate', '--end-all']);
        assert.equal(rotated.code, 0, rotated.stderr);
        await until(
          'the server to take up the new key',
          async () => (await call(server, '/api/v1/auth/me', { token })).status === 401,
        );
        const next = await login(server, 'ada@example.org', 'from the console');
        await ok(server, '/api/v1/auth/me', { token: next.access_token });
      } finally {
        await server.close();
      }
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
