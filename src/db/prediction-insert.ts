import { sql, type RawBuilder } from 'kysely';
import { storedOwner } from './owner-id.ts';

/**
 * One statement that writes predictions, their sets of feature names, and a note of each five minutes
 * that got a new one. PostgreSQL reads the records as they are, each a JSON text of `StoredPrediction`:
 * to read them here and write them anew would cost this program four times as much as all the rest.
 *
 * The id of a set of names follows from the names, so that every server gives the same. The time is
 * the UUID's, and the lot, a fair one of 0 to 65,535, its last 16 random bits.
 */
export function insertStatement(records: readonly string[]): RawBuilder<unknown> {
  const list = sanitisedText(`[${records.join()}]`);
  return sql`
    with records as materialized (
      select r.*, case when json_array_length(features) > 0
        then left(encode(sha256(convert_to(features::text, 'UTF8')), 'hex'), 32)::uuid end as features_id
      from json_to_recordset(${list}::json) as r (id uuid, "modelId" uuid, version integer,
        "ownerId" uuid, ok boolean, "errorCode" text, cached boolean, rows integer, latency json,
        confidence real[], "predictedClasses" jsonb, features json, inputs jsonb, outputs jsonb)
    ), named as (
      insert into feature_sets (id, names)
      select features_id, array(select json_array_elements_text(features))
      from (select distinct on (features_id) features_id, features from records) as sets
      where features_id is not null
      on conflict (id) do nothing
    ), written as (
      insert into predictions (id, at, owner_id, model_id, version, ok, error_code, cached, rows,
        queue_ms, load_ms, inference_ms, total_ms, confidence, classes, lot, features_id, inputs, outputs)
      select id, to_timestamp(('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0),
        coalesce("ownerId", ${storedOwner(null)}::uuid), "modelId", coalesce(version, 0), ok, "errorCode", cached, rows,
        (latency->>'queueMs')::real, (latency->>'loadMs')::real,
        (latency->>'inferenceMs')::real, (latency->>'totalMs')::real,
        confidence, "predictedClasses", ('x' || right(id::text, 4))::bit(16)::integer,
        features_id, inputs, outputs
      from records
      order by id
      on conflict (id) do nothing
      returning at
    )
    insert into prediction_changes (slot)
    select distinct date_bin('5 minutes', at, 'epoch') from written`;
}

/** Rows as JSON that PostgreSQL takes. */
export function sanitised(rows: readonly object[]): string {
  return sanitisedText(JSON.stringify(rows));
}

/** PostgreSQL's text has no NUL and its JSON no half surrogate pair: both become U+FFFD. */
function sanitisedText(text: string): string {
  if (!/\\u(0000|d[89a-f])/i.test(text)) return text;
  const mended = (value: string) => value.toWellFormed().replaceAll('\0', '\uFFFD');
  return JSON.stringify(JSON.parse(text), (_key, value: unknown) => {
    if (typeof value === 'string') return mended(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mended(key), inner]));
  });
}
