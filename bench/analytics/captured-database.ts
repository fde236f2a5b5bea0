import { CompiledQuery, Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool } from 'pg';
import type { ConnectionTarget } from '../../src/db/database-source.ts';
import type { Database } from '../../src/db/database.ts';
import type { Executor, Tables } from '../../src/db/tables.ts';

/** A database that remembers what was asked, so that its plans can be shown. */
export class CapturedDatabase {
  readonly kysely: Kysely<Tables>;
  #queries: CompiledQuery[] = [];

  constructor(target: ConnectionTarget) {
    const pool = new Pool({ ...target, max: 4 });
    // The server ends before the last idle connection has gone.
    pool.on('error', () => undefined);
    this.kysely = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query }) => void this.#queries.push(query),
    });
  }

  /** For classes that ask for a Database and use these two methods of it. */
  get asDatabase(): Database {
    return this as unknown as Database;
  }

  async query<T>(work: (db: Executor) => Promise<T>): Promise<T> {
    return await work(this.kysely);
  }

  async transaction<T>(work: (within: Transaction<Tables>) => Promise<T>): Promise<T> {
    return await this.kysely.transaction().execute(work);
  }

  /** What `work` asked, each with its plan, without the partitions that are all alike. */
  async plansOf(work: () => Promise<unknown>): Promise<string[]> {
    this.#queries = [];
    await work();
    const asked = this.#queries.filter(
      (query) => !/^(begin|commit|rollback|set|explain)/i.test(query.sql),
    );
    const plans: string[] = [];
    for (const { sql: text, parameters } of asked) {
      const explain = `explain (analyze, costs off, timing off) ${text}`;
      const { rows } = await this.kysely.executeQuery(CompiledQuery.raw(explain, [...parameters]));
      plans.push(
        (rows as Record<string, string>[]).map((row) => row['QUERY PLAN'] ?? '').join('\n'),
      );
    }
    return plans;
  }

  async run(statement: string): Promise<void> {
    await sql.raw(statement).execute(this.kysely);
  }

  async close(): Promise<void> {
    await this.kysely.destroy();
  }
}
