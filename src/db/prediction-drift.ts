import { sql, type RawBuilder } from 'kysely';
import type { Database } from './database.ts';
import { ownedBy, type OwnerScope } from './owner-id.ts';
import { LOTS, uuidFloor } from './uuid-time.ts';

/** Which predictions of one time are looked at. */
export interface DriftSample {
  readonly from: Date;
  readonly to: Date;
  /** Part of the predictions, 0 to 1: a random but repeatable one. */
  readonly share: number;
}

export interface DriftScope {
  readonly ownerId: OwnerScope;
  readonly modelId: string;
  readonly version?: number | undefined;
  readonly baseline: DriftSample;
  readonly current: DriftSample;
  /** At most so many predictions of each time, and rows of each prediction. */
  readonly limit: number;
  readonly rowsPerPrediction: number;
}

/** One bin of one feature. */
export interface DriftBin {
  readonly feature: string;
  /** Ascending inner edges for a numeric feature, null for a categorical one. */
  readonly edges: readonly number[] | null;
  /** Numeric: how many edges are not above the value. Categorical: the value; null for all rare ones. */
  readonly bin: string | null;
  readonly missing: boolean;
  readonly baseline: number;
  readonly current: number;
  /** Of the whole feature; null when one of the times has no value of it. */
  readonly psi: number | null;
}

/** Values of a categorical feature with a bin of their own: the baseline's most frequent. */
const CATEGORIES = 20;
const deciles = sql.raw('array[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9]');

/**
 * How inputs differ between two times: the population stability index per feature,
 *
 *     PSI = Σ over bins (c − b) · ln(c / b),   b = (nb + ½) / (Nb + B/2),  c likewise
 *
 * (Siddiqi, "Credit Risk Scorecards", 2006, ch. 8; half a count per bin keeps an empty bin finite,
 * as the Krichevsky–Trofimov estimator does). A feature whose baseline is all numbers has the
 * baseline's deciles as edges; another one has a bin per value. Missing values are a bin.
 */
export class PredictionDrift {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every bin of every feature, the least stable feature first. Throws what `Database.query` throws. */
  async bins(scope: DriftScope): Promise<DriftBin[]> {
    const result = await this.#database.query((db) => statement(scope).execute(db));
    return result.rows as DriftBin[];
  }
}

function statement(scope: DriftScope): RawBuilder<unknown> {
  return sql`
    with picked as (
      ${pick(scope, scope.baseline, true)} union all ${pick(scope, scope.current, false)}
    ), cells as materialized (
      select p.base, coalesce(f.names[c.at::int], 'feature ' || c.at) as feature,
        nullif(c.value, 'null') #>> '{}' as value,
        case when jsonb_typeof(c.value) = 'number' then (c.value #>> '{}')::float8 end as x
      from picked p left join feature_sets f on f.id = p.features_id
      cross join lateral (
        select r.value from jsonb_array_elements(p.inputs) as r limit ${scope.rowsPerPrediction}
      ) as r
      cross join lateral jsonb_array_elements(r.value) with ordinality as c (value, at)
    ), edges as (
      select feature, array(select distinct e from unnest(found) as e order by e) as edges from (
        select feature, percentile_disc(${deciles}) within group (order by x) as found
        from cells where base group by feature
        having count(x) > 0 and count(x) = count(value)
      ) d
    ), categories as (
      select feature, value from (
        select feature, value,
          row_number() over (partition by feature order by count(*) desc, value) as place
        from cells where base and value is not null group by feature, value
      ) v where place <= ${CATEGORIES}
    ), counted as (
      select c.feature, e.edges, c.value is null as missing,
        case when e.edges is null then k.value
          when c.x is not null then width_bucket(c.x, e.edges)::text end as bin,
        count(*) filter (where c.base) as nb, count(*) filter (where not c.base) as nc
      from cells c left join edges e using (feature)
      left join categories k on e.edges is null and k.feature = c.feature and k.value = c.value
      group by 1, 2, 3, 4
    ), shares as (
      select *, (nb + 0.5) / (sum(nb) over f + 0.5 * count(*) over f) as b,
        (nc + 0.5) / (sum(nc) over f + 0.5 * count(*) over f) as c,
        sum(nb) over f > 0 and sum(nc) over f > 0 as comparable
      from counted window f as (partition by feature)
    )
    select feature, edges, bin, missing, nb::int as baseline, nc::int as current,
      (case when comparable then sum((c - b) * ln(c / b)) over (partition by feature) end)::float8 as psi
    from shares
    order by psi desc nulls last, feature, missing, length(bin), bin`;
}

/** The index on (model_id, lot) finds a random part of the predictions without reading the others. */
function pick(scope: DriftScope, { from, to, share }: DriftSample, base: boolean) {
  return sql`(select ${sql.lit(base)} as base, inputs, features_id from predictions
    where model_id = ${scope.modelId}::uuid and ${ownedBy(scope.ownerId)} and ok
      and lot < ${Math.ceil(Math.min(1, share) * LOTS)}
      and id >= ${uuidFloor(from)}::uuid and id < ${uuidFloor(to)}::uuid
      ${scope.version === undefined ? sql`` : sql`and version = ${scope.version}`}
    limit ${scope.limit})`;
}
