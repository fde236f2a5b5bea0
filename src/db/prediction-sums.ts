import { sql, type RawBuilder } from 'kysely';
import type { Database } from './database.ts';
import { GAMMA } from './latency-bins.ts';
import { ownedBy, type OwnerScope } from './owner-id.ts';

/** What to add up: predictions of a time, perhaps of one model or version. */
export interface SumScope {
  readonly ownerId: OwnerScope;
  readonly modelId?: string | undefined;
  readonly version?: number | undefined;
  /** Multiples of `minutes` since 1970 UTC; `to` is exclusive. */
  readonly from: Date;
  readonly to: Date;
  /** Sums are read at this grain: five minutes, an hour or a day. */
  readonly minutes: 5 | 60 | 1440;
}

export interface Totals {
  readonly requests: number;
  readonly errors: number;
  readonly cached: number;
  readonly rows: number;
}

export type Stage = 'total' | 'queue' | 'load' | 'inference';

/** Milliseconds, each within `RELATIVE_ERROR` of a value that has that rank. */
export interface StagePercentiles {
  /** Start of the bucket; null for the whole time. */
  readonly slot: Date | null;
  readonly stage: Stage;
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

type Numbers<T> = { [K in keyof T]: T[K] extends number ? string : T[K] };

/** Reads the sums that `PredictionRollups` keeps. Throws what `Database.query` throws. */
export class PredictionSums {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Totals per bucket of `bucketMinutes`, oldest first; buckets without requests are left out. */
  async series(scope: SumScope, bucketMinutes: number): Promise<(Totals & { slot: Date })[]> {
    const rows = await this.#rows<Numbers<Totals> & { slot: Date }>(sql`
      select ${bucket(bucketMinutes)} as slot, ${sums}
      from prediction_totals where ${inScope(scope)} group by 1 order by 1`);
    return rows.map((row) => ({ ...toTotals(row), slot: row.slot }));
  }

  /** Totals per model and version, busiest first, at most `limit`. */
  async models(
    scope: SumScope,
    limit: number,
  ): Promise<(Totals & { modelId: string; version: number })[]> {
    const rows = await this.#rows<Numbers<Totals> & { model_id: string; version: number }>(sql`
      select model_id, version, ${sums}
      from prediction_totals where ${inScope(scope)}
      group by model_id, version order by sum(requests) desc, model_id, version limit ${limit}`);
    return rows.map((row) => ({ ...toTotals(row), modelId: row.model_id, version: row.version }));
  }

  /** Percentiles (of the values, not of buckets) per bucket and over the whole time, where there are values. */
  async percentiles(scope: SumScope, bucketMinutes: number): Promise<StagePercentiles[]> {
    const rank = (q: number): RawBuilder<unknown> =>
      sql`2 * power(${sql.lit(GAMMA)}::float8, min(bin) filter (where upto >= ceil(total * ${sql.lit(q)}))) / (${sql.lit(GAMMA)} + 1)`;
    const rows = await this.#rows<Omit<StagePercentiles, 'count'> & { count: string }>(sql`
      with bins as (
        select ${bucket(bucketMinutes)} as slot, what, b.bin, sum(b.n) as n
        from prediction_histograms cross join lateral unnest(bins, counts) as b (bin, n)
        where ${inScope(scope)} and what <> 'confidence' group by 1, 2, 3
      ), both_grains as (
        select slot, what, bin, n from bins
        union all select null, what, bin, sum(n) from bins group by what, bin
      ), ranked as (
        select slot, what, bin, sum(n) over (partition by slot, what order by bin) as upto,
          sum(n) over (partition by slot, what) as total
        from both_grains
      )
      select slot, what as stage, max(total)::text as count,
        ${rank(0.5)} as p50, ${rank(0.95)} as p95, ${rank(0.99)} as p99
      from ranked group by slot, what order by slot, what`);
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** Predicted classes or error codes, most frequent first, at most `limit`. */
  async labels(
    scope: SumScope,
    what: 'class' | 'error',
    limit: number,
  ): Promise<{ label: string; count: number }[]> {
    const rows = await this.#rows<{ label: string; count: string }>(sql`
      select label, sum(count)::text as count from prediction_labels
      where ${inScope(scope)} and what = ${what}
      group by label order by sum(count) desc, label limit ${limit}`);
    return rows.map(({ label, count }) => ({ label, count: Number(count) }));
  }

  /** Error codes by model and version, most frequent first, at most `limit`. */
  async errors(
    scope: SumScope,
    limit: number,
  ): Promise<{ label: string; modelId: string; version: number; count: number }[]> {
    const rows = await this.#rows<{
      label: string;
      model_id: string;
      version: number;
      count: string;
    }>(sql`
      select label, model_id, version, sum(count)::text as count from prediction_labels
      where ${inScope(scope)} and what = 'error'
      group by label, model_id, version
      order by sum(count) desc, label, model_id, version limit ${limit}`);
    return rows.map(({ model_id: modelId, count, ...row }) => ({
      ...row,
      modelId,
      count: Number(count),
    }));
  }

  /** Sampled rows per bin of confidence (see `CONFIDENCE_BINS`); empty bins are left out. */
  async confidence(scope: SumScope): Promise<{ bin: number; count: number }[]> {
    const rows = await this.#rows<{ bin: number; count: string }>(sql`
      select b.bin, sum(b.n)::text as count
      from prediction_histograms cross join lateral unnest(bins, counts) as b (bin, n)
      where ${inScope(scope)} and what = 'confidence' group by b.bin order by b.bin`);
    return rows.map(({ bin, count }) => ({ bin, count: Number(count) }));
  }

  async #rows<T>(query: RawBuilder<unknown>): Promise<T[]> {
    const result = await this.#database.query((db) => query.execute(db));
    return result.rows as T[];
  }
}

const sums = sql`sum(requests)::text as requests, sum(errors)::text as errors,
  sum(cached)::text as cached, sum(rows)::text as rows`;

function bucket(minutes: number): RawBuilder<unknown> {
  return sql`date_bin(${sql.lit(`${minutes} minutes`)}::interval, slot, 'epoch')`;
}

function inScope({ ownerId, modelId, version, from, to, minutes }: SumScope): RawBuilder<unknown> {
  return sql`minutes = ${sql.lit(minutes)} and ${ownedBy(ownerId)}
    and slot >= ${from} and slot < ${to}
    ${modelId === undefined ? sql`` : sql`and model_id = ${modelId}::uuid`}
    ${version === undefined ? sql`` : sql`and version = ${version}`}`;
}

function toTotals(row: Numbers<Totals>): Totals {
  return {
    requests: Number(row.requests),
    errors: Number(row.errors),
    cached: Number(row.cached),
    rows: Number(row.rows),
  };
}
