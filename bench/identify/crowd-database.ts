import { sql } from 'kysely';
import { Database } from '../../src/db/database.ts';
import type { VectorSet } from '../../src/vectors/vector-index.ts';
import type { TestServer } from '../../test/support/postgres.ts';
import { dimensions, type Crowd } from './crowd.ts';

const rowsAtOnce = 2_000;
const collection = '00000000-0000-7000-8000-000000000000';

/** The id of a person and of their one face. */
export function idOf(number: number): string {
  return `00000000-0000-7000-8000-${(number + 1).toString(16).padStart(12, '0')}`;
}

export async function openDatabase({ name, target }: TestServer): Promise<Database> {
  const database = new Database({
    source: {
      name,
      start: async () => Promise.resolve(target),
      stop: async () => Promise.resolve(),
      onLost: () => undefined,
    },
    statementTimeoutMs: 600_000,
  });
  database.start();
  await database.ready(30_000);
  return database;
}

/** Enrols a crowd as rows alone, without pictures. */
export async function enrol(database: Database, crowd: Crowd, count: number): Promise<VectorSet> {
  await database.query((db) =>
    sql`insert into collections (id, owner_id, name) values (${collection}, ${collection}, ${crowd.kind})`.execute(
      db,
    ),
  );
  for (let from = 0; from < count; from += rowsAtOnce)
    await enrolSome(database, crowd, from, Math.min(count, from + rowsAtOnce));
  await database.query((db) => sql`analyze persons, faces`.execute(db));
  return { id: collection, digest: 'd', dimensions, revision: 1n, forgottenRevision: 0n };
}

async function enrolSome(
  database: Database,
  crowd: Crowd,
  from: number,
  end: number,
): Promise<void> {
  const numbers = Array.from({ length: end - from }, (_, index) => from + index);
  const ids = numbers.map(idOf);
  const vectors = numbers.map((number) => Buffer.from(crowd.face(number).buffer));
  await database.transaction(async (within) => {
    // What the rows refer to is there: nobody needs to look at a million of them.
    await sql`set local session_replication_role = replica`.execute(within);
    await sql`insert into persons (id, collection_id, name)
      select id, ${collection}, 'x' from unnest(${ids}::uuid[]) as given (id)`.execute(within);
    await sql`insert into faces (id, collection_id, person_id, box, score, quality, model_digest, embedding, revision)
      select id, ${collection}, id, '{0,0,1,1}', 1, '{}', 'd', embedding, 1
      from unnest(${ids}::uuid[], ${vectors}::bytea[]) as given (id, embedding)`.execute(within);
  });
}
