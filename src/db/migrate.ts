import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { FoveaError } from '../errors.ts';
import type { Tables } from './tables.ts';

const folder = new URL('./migrations/', import.meta.url);

/** PostgreSQL 14, as `server_version_num` has it. */
const OLDEST_SERVER = 140_000;

/** In a database that other programs share, the names say whose they are. */
export const migrationTables = {
  migrationTableName: 'fovea_migration',
  migrationLockTableName: 'fovea_migration_lock',
} as const;

/**
 * Brings the database to the newest schema: runs the numbered files of `migrations/` that have not
 * run yet, all in one transaction. Servers that start at once wait for each other. Resolves with
 * the names of the migrations that ran.
 *
 * Throws `DATABASE_UNAVAILABLE` when the server is older than PostgreSQL 14, or when the database
 * has migrations that this program does not know; otherwise what the driver throws.
 */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  await refuseOldServer(db);
  const migrations = await readMigrations();
  const provider = { getMigrations: () => Promise.resolve(migrations) };
  const migrator = new Migrator({ db, provider, ...migrationTables });
  await refuseNewerSchema(db, Object.keys(migrations));
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return results.map(({ migrationName }) => migrationName);
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
  const entries = files.map(async (file): Promise<[string, Migration]> => {
    const text = await readFile(new URL(file, folder), 'utf8');
    return [basename(file, '.sql'), { up: async (db) => void (await sql.raw(text).execute(db)) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function refuseOldServer(db: Kysely<Tables>): Promise<void> {
  const query = sql<{ number: number; name: string }>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as name`;
  const [version] = (await query.execute(db)).rows;
  if (version === undefined || version.number >= OLDEST_SERVER) return;
  const message = `The database server is PostgreSQL ${version.name}; Fovea needs PostgreSQL 14 or later.`;
  throw new FoveaError('DATABASE_UNAVAILABLE', message);
}

async function refuseNewerSchema(db: Kysely<Tables>, known: readonly string[]): Promise<void> {
  const { migrationTableName } = migrationTables;
  const table = await sql<{ found: boolean }>`
    select to_regclass(${migrationTableName}) is not null as found`.execute(db);
  if (table.rows[0]?.found !== true) return;
  const applied = await sql<{ name: string }>`
    select name from ${sql.table(migrationTableName)} order by name`.execute(db);
  const unknown = applied.rows.map(({ name }) => name).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const message = `The database has migrations that this version of Fovea does not know (${unknown.join(', ')}); the newest it knows is ${known.toSorted().at(-1)}. Run a version of Fovea that is at least as new as the database.`;
  throw new FoveaError('DATABASE_UNAVAILABLE', message);
}
