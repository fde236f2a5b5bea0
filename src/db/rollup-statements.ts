import { sql, type RawBuilder } from 'kysely';
import { CONFIDENCE_BINS, GAMMA, LEAST_LATENCY } from './latency-bins.ts';
import { uuidFloor } from './uuid-time.ts';

const SLOT_MS = 300_000;

/** The statement that makes five-minute slots anew from the predictions. */
export function sumSlots(slots: readonly Date[]): RawBuilder<unknown> {
  const lows = slots.map(uuidFloor);
  const highs = slots.map((slot) => uuidFloor(new Date(slot.getTime() + SLOT_MS)));
  // Stages are those of answered requests that went through them: a cached answer has no inference,
  // and only the first request of a model waits for it to load.
  return sql`
    with raw as materialized (
      select s.slot, p.* from unnest(${slots}::timestamptz[], ${lows}::uuid[], ${highs}::uuid[]) as s (slot, low, high)
      cross join lateral (
        select owner_id, model_id, version, ok, error_code, cached, rows, queue_ms, load_ms,
          inference_ms, total_ms, confidence, classes
        from predictions where id >= s.low and id < s.high
      ) p
    ), totals as (
      insert into prediction_totals (minutes, slot, owner_id, model_id, version, requests, errors, cached, rows)
      select 5, slot, owner_id, model_id, version, count(*), count(*) filter (where not ok),
        count(*) filter (where cached), sum(rows)
      from raw group by slot, owner_id, model_id, version
      ${replaceTotals}
    ), binned as (
      select slot, owner_id, model_id, version, what, bin, count(*) as n from (
        select slot, owner_id, model_id, version, what,
          ceil(ln(greatest(ms, ${sql.lit(LEAST_LATENCY)})) / ${sql.lit(Math.log(GAMMA))})::smallint as bin
        from raw cross join lateral (values ('total', total_ms), ('queue', queue_ms),
          ('load', nullif(load_ms, 0)), ('inference', nullif(inference_ms, 0))) as l (what, ms)
        where ok and ms is not null
        union all
        select slot, owner_id, model_id, version, 'confidence',
          least(greatest(floor(c * ${sql.lit(CONFIDENCE_BINS)}), 0), ${sql.lit(CONFIDENCE_BINS - 1)})::smallint
        from raw cross join unnest(confidence) as c where ok and c is not null
      ) b group by slot, owner_id, model_id, version, what, bin
    ), histograms as (
      insert into prediction_histograms (minutes, slot, owner_id, model_id, version, what, bins, counts)
      select 5, slot, owner_id, model_id, version, what, array_agg(bin order by bin), array_agg(n order by bin)
      from binned group by slot, owner_id, model_id, version, what
      ${replaceHistograms}
    )
    insert into prediction_labels (minutes, slot, owner_id, model_id, version, what, label, count)
    select 5, slot, owner_id, model_id, version, what, label, sum(n) from (
      select slot, owner_id, model_id, version, 'error' as what, error_code as label, 1::bigint as n
      from raw where not ok and error_code is not null
      union all
      select slot, owner_id, model_id, version, 'class', c.key, c.value::bigint
      from raw cross join jsonb_each_text(classes) as c where ok
    ) l group by slot, owner_id, model_id, version, what, label
    ${replaceLabels}`;
}

/** The statements that make coarser slots anew from the next finer ones. */
export function coarsenSlots(
  from: number,
  to: number,
  slots: readonly Date[],
): RawBuilder<unknown>[] {
  const ends = slots.map((slot) => new Date(slot.getTime() + to * 60_000));
  const wanted = sql`unnest(${slots}::timestamptz[], ${ends}::timestamptz[]) as s (slot, "end")`;
  const within = sql`f.minutes = ${sql.lit(from)} and f.slot >= s.slot and f.slot < s."end"`;
  const who = sql`s.slot, f.owner_id, f.model_id, f.version`;
  return [
    sql`insert into prediction_totals (minutes, slot, owner_id, model_id, version, requests, errors, cached, rows)
      select ${sql.lit(to)}, ${who}, sum(requests), sum(errors), sum(cached), sum(rows)
      from ${wanted} join prediction_totals f on ${within} group by ${who} ${replaceTotals}`,
    sql`insert into prediction_histograms (minutes, slot, owner_id, model_id, version, what, bins, counts)
      select ${sql.lit(to)}, slot, owner_id, model_id, version, what, array_agg(bin order by bin), array_agg(n order by bin)
      from (
        select ${who}, what, b.bin, sum(b.n)::bigint as n
        from ${wanted} join prediction_histograms f on ${within}
        cross join lateral unnest(f.bins, f.counts) as b (bin, n) group by ${who}, what, b.bin
      ) sums group by slot, owner_id, model_id, version, what ${replaceHistograms}`,
    sql`insert into prediction_labels (minutes, slot, owner_id, model_id, version, what, label, count)
      select ${sql.lit(to)}, ${who}, what, label, sum(count)
      from ${wanted} join prediction_labels f on ${within} group by ${who}, what, label ${replaceLabels}`,
  ];
}

// Predictions are only ever added, so what a slot had before is never more than what it has now.
const replaceTotals = sql`on conflict (minutes, owner_id, slot, model_id, version) do update set
  requests = excluded.requests, errors = excluded.errors, cached = excluded.cached, rows = excluded.rows`;
const replaceHistograms = sql`on conflict (minutes, owner_id, slot, model_id, version, what) do update set
  bins = excluded.bins, counts = excluded.counts`;
const replaceLabels = sql`on conflict (minutes, owner_id, slot, model_id, version, what, label) do update set
  count = excluded.count`;
