import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { Executor } from './tables.ts';
import { timeOfUuid, uuidFloor } from './uuid-time.ts';

const DAY_MS = 86_400_000;
/** Any number that nothing else locks: servers make and drop partitions one at a time. */
const LOCK = 7_301_966_401n;

const dayOf = (time: Date): number => Math.floor(time.getTime() / DAY_MS);
const startOf = (day: number): Date => new Date(day * DAY_MS);
const nameOf = (day: number): string =>
  `predictions_${startOf(day).toISOString().slice(0, 10).replaceAll('-', '')}`;

/** The partitions of `predictions`, one per UTC day. Throws what `Database.query` throws. */
export class PredictionPartitions {
  readonly #database: Database;
  readonly #known = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the partitions that these predictions need, as far as they are not known to exist. */
  async ensureFor(ids: readonly string[]): Promise<void> {
    await this.#ensure([...new Set(ids.map((id) => dayOf(timeOfUuid(id))))]);
  }

  /** Makes today's partition and the next `days`, so that no prediction at midnight waits for it. */
  async ensureAhead(now: Date, days: number): Promise<void> {
    const today = dayOf(now);
    await this.#ensure(Array.from({ length: days + 1 }, (_, ahead) => today + ahead));
  }

  /** Another server may have dropped some. */
  forget(): void {
    this.#known.clear();
  }

  /** Drops the partitions whose every prediction is older than `before`; resolves with their names. */
  async dropBefore(before: Date): Promise<string[]> {
    this.forget();
    const last = nameOf(dayOf(before));
    return await this.#database.transaction(async (within) => {
      await lock(within);
      const names = await partitionNames(within);
      const old = names.filter((name) => name < last);
      for (const name of old) await sql`drop table ${sql.table(name)}`.execute(within);
      return old;
    });
  }

  async #ensure(days: readonly number[]): Promise<void> {
    const missing = days.filter((day) => !this.#known.has(day));
    if (missing.length === 0) return;
    await this.#database.transaction(async (within) => {
      await lock(within);
      const there = new Set(await partitionNames(within));
      for (const day of missing) if (!there.has(nameOf(day))) await create(within, day);
    });
    for (const day of missing) this.#known.add(day);
  }
}

/** A drop needs the whole table for a moment: it gives up rather than hold up who writes and reads. */
async function lock(within: Executor): Promise<void> {
  await sql`set local lock_timeout = '2s'`.execute(within);
  await sql`select pg_advisory_xact_lock(${LOCK.toString()}::bigint)`.execute(within);
}

async function partitionNames(db: Executor): Promise<string[]> {
  const found = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'predictions'::regclass`.execute(db);
  return found.rows.map(({ name }) => name);
}

/** Made apart and then attached: that does not stop who writes or reads, as `partition of` would. */
async function create(within: Executor, day: number): Promise<void> {
  const table = sql.table(nameOf(day));
  const [from, to] = [uuidFloor(startOf(day)), uuidFloor(startOf(day + 1))];
  await sql`create table ${table} (like predictions including all)`.execute(within);
  await sql`alter table predictions attach partition ${table}
    for values from (${sql.lit(from)}) to (${sql.lit(to)})`.execute(within);
}
