import { sql, type RawBuilder } from 'kysely';
import type { Database } from './database.ts';
import { coarsenSlots, sumSlots } from './rollup-statements.ts';
import type { Executor } from './tables.ts';

/** Any number that nothing else locks: one server rolls up at a time. */
const LOCK = 7_301_966_402n;
/** Five-minute slots made anew in one transaction. */
const SLOTS_PER_TURN = 36;

/**
 * Keeps the sums of `prediction_totals`, `prediction_histograms` and `prediction_labels` true.
 *
 * Who writes predictions notes their five minutes in `prediction_changes`, in the same transaction.
 * A turn takes the notes it sees and makes those slots anew from the predictions themselves, then
 * their hours and days from the finer slots. So it is idempotent, late predictions are welcome, and
 * none is missed: a prediction that a turn cannot see yet comes with a note that it cannot see either.
 */
export class PredictionRollups {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Takes turns until nothing is left or `signal` fires; resolves with the number of slots made.
   * Does nothing while another server is at it. Throws what `Database.query` throws.
   */
  async refresh(signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (;;) {
      if (signal?.aborted) return total;
      const slots = await this.#database.transaction(turn);
      total += slots;
      if (slots < SLOTS_PER_TURN) return total;
    }
  }

  /** Deletes sums of slots before `before`. */
  async dropBefore(before: Date): Promise<void> {
    for (const table of ['prediction_totals', 'prediction_histograms', 'prediction_labels']) {
      await this.#database.query((db) =>
        sql`delete from ${sql.table(table)} where minutes in (5, 60, 1440) and slot < ${before}`.execute(
          db,
        ),
      );
    }
  }
}

async function turn(within: Executor): Promise<number> {
  const lock = await sql<{ got: boolean }>`
    select pg_try_advisory_xact_lock(${LOCK.toString()}::bigint) as got`.execute(within);
  if (lock.rows[0]?.got !== true) return 0;
  const slots = await takeChanges(within);
  if (slots.length === 0) return 0;
  const run = (statement: RawBuilder<unknown>) => statement.execute(within);
  await run(sumSlots(slots));
  for (const [from, to] of [
    [5, 60],
    [60, 1440],
  ] as const) {
    for (const statement of coarsenSlots(from, to, slotsOf(slots, to))) await run(statement);
  }
  return slots.length;
}

/** The newest slots first: whoever looks, looks at now. */
async function takeChanges(within: Executor): Promise<Date[]> {
  const taken = await sql<{ slot: Date }>`
    with newest as (
      select distinct slot from prediction_changes order by slot desc limit ${SLOTS_PER_TURN}
    ), gone as (
      delete from prediction_changes c using newest n where c.slot = n.slot returning c.slot
    )
    select distinct slot from gone order by slot`.execute(within);
  return taken.rows.map(({ slot }) => slot);
}

/** The coarser slots, in minutes of UTC, that hold these. */
function slotsOf(slots: readonly Date[], minutes: number): Date[] {
  const span = minutes * 60_000;
  const starts = new Set(slots.map((slot) => Math.floor(slot.getTime() / span) * span));
  return [...starts].map((start) => new Date(start));
}
