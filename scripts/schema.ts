/**
 * Writes `src/db/schema.sql`: what the migrations make, read back from the catalogs of a fresh
 * embedded PostgreSQL. `--check` writes nothing and exits 1 with a diff when the file differs.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Database } from '../src/db/database.ts';
import { EmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import { migrationTables } from '../src/db/migrate.ts';
import type { Executor } from '../src/db/tables.ts';

const file = new URL('../src/db/schema.sql', import.meta.url);
const header = `-- What the migrations make. Written by scripts/schema.ts: do not edit, run \`npm run schema\`.\n`;

interface Part {
  readonly owner: string;
  readonly text: string;
}

/** Every table of the current schema with its columns, constraints, indexes and triggers, as SQL. */
export async function dumpSchema(db: Executor): Promise<string> {
  const own = sql.join(Object.values(migrationTables));
  const tables = sql<{ name: string }>`
    select relname as name from pg_class where relkind in ('r', 'p') and relname not in (${own})
    and relnamespace = current_schema()::regnamespace order by relname collate "C"`;
  const [columns, constraints, indexes] = await Promise.all([
    rows(db, columnQuery),
    rows(db, constraintQuery),
    rows(db, indexQuery),
  ]);
  const list = (parts: readonly Part[], name: string) =>
    parts.filter(({ owner }) => owner === name).map(({ text }) => text);
  const texts = (await tables.execute(db)).rows.map(({ name }) => {
    const body = [...list(columns, name), ...list(constraints, name)].map((line) => `  ${line}`);
    const after = list(indexes, name).map((line) => `${line};\n`);
    return `\ncreate table ${name} (\n${body.join(',\n')}\n);\n${after.join('')}`;
  });
  return header + texts.join('');
}

const rows = async (db: Executor, query: ReturnType<typeof sql<Part>>) =>
  (await query.execute(db)).rows;

const columnQuery = sql<Part>`
  select c.relname as owner, concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then 'not null' end,
    case when a.attidentity <> '' then format('generated as identity (%s)', a.attidentity) end,
    case when a.attgenerated <> '' then 'generated always as' else case when d.oid is not null then 'default' end end,
    pg_get_expr(d.adbin, d.adrelid)) as text
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    and a.attnum > 0 and not a.attisdropped
  order by c.relname collate "C", a.attnum`;

// PostgreSQL 18 lists "not null" as a constraint (n) too; the columns say it already.
const constraintQuery = sql<Part>`
  select c.relname as owner, 'constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid) as text
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  where c.relnamespace = current_schema()::regnamespace and k.contype <> 'n'
  order by c.relname collate "C", k.conname collate "C"`;

const indexQuery = sql<Part>`
  select owner, text from (
    select c.relname as owner, i.relname as name,
      replace(pg_get_indexdef(x.indexrelid), ' ON ' || quote_ident(current_schema()) || '.', ' ON ') as text
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
    where c.relnamespace = current_schema()::regnamespace
      and not exists (select from pg_constraint k where k.conindid = x.indexrelid)
    union all
    select c.relname, t.tgname, pg_get_triggerdef(t.oid)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal
  ) parts order by owner collate "C", name collate "C"`;

/** The schema that the migrations make in an empty database. */
async function freshSchema(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-schema-'));
  const database = new Database({ source: new EmbeddedPostgres({ directory }) });
  try {
    database.start();
    await database.ready(60_000);
    return await database.query(dumpSchema);
  } finally {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The lines that only one of the two texts has. */
function difference(committed: string, fresh: string): string {
  const [before, after] = [committed.split('\n'), fresh.split('\n')];
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  return [...gone, ...come].join('\n') || '(the same lines in another order)';
}

async function main(check: boolean): Promise<void> {
  const fresh = await freshSchema();
  if (!check) return writeFile(file, fresh);
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed === fresh) return;
  process.stderr.write(
    `src/db/schema.sql is not what the migrations make:\n${difference(committed, fresh)}\nRun: node scripts/schema.ts\n`,
  );
  process.exitCode = 1;
}

if (import.meta.main) await main(process.argv.includes('--check'));
