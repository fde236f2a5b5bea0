import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestServer } from './postgres.ts';

const run = promisify(execFile);

/** PostgreSQL 16.2 with pgvector 0.6.2, as the Python package `pgserver` carries them; nothing of its Python is run. */
const wheel = {
  requirement: 'pgserver==0.1.4',
  sha256: 'd595789b47624a3d963aa9aa6359da9be31beb7e61f1a45541953242068b8813',
};

/** A server of its own, and the way to end it. `settings` as `name=value`. */
export async function startPgvector(
  settings: readonly string[],
): Promise<{ readonly server: TestServer; readonly end: () => Promise<void> }> {
  const binaries = join(await unpacked(), 'pgserver/pginstall/bin');
  const directory = await mkdtemp(join(tmpdir(), 'fovea-test-pgvector-'));
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await run('chown', ['postgres', directory]);
  const execute = async (program: string, ...args: string[]): Promise<void> => {
    const path = join(binaries, program);
    const options = { cwd: '/', timeout: 60_000 };
    if (asRoot) await run('runuser', ['-u', 'postgres', '--', path, ...args], options);
    else await run(path, args, options);
  };
  const data = join(directory, 'data');
  await execute(
    'initdb',
    '-D',
    data,
    '-U',
    'fovea',
    '--auth=trust',
    '--no-sync',
    '--locale=C',
    '-E',
    'UTF8',
  );
  const options = [`-h '' -k ${directory} -c fsync=off`, ...settings].join(' -c ');
  await execute('pg_ctl', '-D', data, '-w', '-l', join(directory, 'log'), '-o', options, 'start');
  const end = async (): Promise<void> => {
    await execute('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
    await rm(directory, { recursive: true, force: true });
  };
  const target = { host: directory, port: 5432, user: 'fovea', database: 'postgres' };
  return { server: { name: 'PostgreSQL 16 with pgvector', target }, end };
}

/** Fetched by pip once per machine, and checked. */
async function unpacked(): Promise<string> {
  const cache = join(tmpdir(), 'fovea-test-packages');
  const folder = join(cache, wheel.sha256);
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  if (there) return folder;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'fresh-'));
  try {
    const platform = ['--platform', 'manylinux_2_17_x86_64', '--python-version', '3.11'];
    await run(
      'python3',
      [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--only-binary=:all:',
        ...platform,
        '-d',
        fresh,
        wheel.requirement,
      ],
      { timeout: 180_000 },
    );
    const [file = ''] = await readdir(fresh);
    const digest = createHash('sha256')
      .update(await readFile(join(fresh, file)))
      .digest('hex');
    if (digest !== wheel.sha256) throw new Error(`${file} has the SHA-256 ${digest}`);
    const content = join(fresh, 'content');
    await run('python3', ['-m', 'zipfile', '-e', join(fresh, file), content]);
    // The archive's reader forgets what may be executed; and the database's user is another one.
    await run('chmod', ['-R', 'a+rX', content]);
    const programs = join(content, 'pgserver/pginstall/bin');
    for (const name of await readdir(programs)) await chmod(join(programs, name), 0o755);
    await chmod(cache, 0o755);
    await rename(content, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}
