import { createHash } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import { storedOwner } from './owner-id.ts';
import type { StoredPrediction } from './stored-prediction.ts';
import { lotOfUuid, timeOfUuid } from './uuid-time.ts';

/**
 * One statement that writes predictions, their sets of feature names, and a note of each five
 * minutes that got a new one. One parameter carries all of it: PostgreSQL reads JSON faster than
 * this program writes twenty parameters per row.
 */
export function insertStatement(predictions: readonly StoredPrediction[]): RawBuilder<unknown> {
  const sets = new Map<string, FeatureSet>();
  const rows = sanitised(predictions.map((prediction) => toRow(prediction, sets)));
  const names = sanitised([...sets.values()]);
  return sql`
    with named as (
      insert into feature_sets (id, names)
      select id, array(select json_array_elements_text(names))
      from json_to_recordset(${names}::json) as f (id uuid, names json)
      on conflict (id) do nothing
    ), written as (
      insert into predictions (id, at, owner_id, model_id, version, ok, error_code, cached, rows,
        queue_ms, load_ms, inference_ms, total_ms, confidence, classes, lot, features_id, inputs, outputs)
      select id, at, owner_id, model_id, version, ok, error_code, cached, rows,
        queue_ms, load_ms, inference_ms, total_ms, confidence, classes, lot, features_id, inputs, outputs
      from json_to_recordset(${rows}::json) as r (id uuid, at timestamptz, owner_id uuid,
        model_id uuid, version integer, ok boolean, error_code text, cached boolean, rows integer,
        queue_ms real, load_ms real, inference_ms real, total_ms real, confidence real[],
        classes jsonb, lot integer, features_id uuid, inputs jsonb, outputs jsonb)
      order by id
      on conflict (id) do nothing
      returning at
    )
    insert into prediction_changes (slot)
    select distinct date_bin('5 minutes', at, 'epoch') from written`;
}

interface FeatureSet {
  readonly id: string;
  readonly names: readonly string[];
}

function toRow(prediction: StoredPrediction, sets: Map<string, FeatureSet>): object {
  const { id, latency } = prediction;
  return {
    id,
    at: timeOfUuid(id),
    owner_id: storedOwner(prediction.ownerId),
    model_id: prediction.modelId,
    version: prediction.version ?? 0,
    ok: prediction.ok,
    error_code: prediction.errorCode ?? null,
    cached: prediction.cached,
    rows: prediction.rows,
    queue_ms: latency.queueMs,
    load_ms: latency.loadMs,
    inference_ms: latency.inferenceMs,
    total_ms: latency.totalMs,
    confidence: prediction.confidence ?? null,
    classes: prediction.predictedClasses ?? null,
    lot: lotOfUuid(id),
    features_id: prediction.features.length === 0 ? null : setOf(prediction.features, sets).id,
    inputs: prediction.inputs,
    outputs: prediction.outputs,
  };
}

/** The id follows from the names, so that every server gives the same. */
function setOf(names: readonly string[], sets: Map<string, FeatureSet>): FeatureSet {
  const key = JSON.stringify(names);
  const known = sets.get(key);
  if (known !== undefined) return known;
  const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
  const set = { id, names };
  sets.set(key, set);
  return set;
}

/** Rows as JSON. PostgreSQL's text has no NUL and its JSON no half surrogate pair: both become U+FFFD. */
export function sanitised(rows: readonly object[]): string {
  const text = JSON.stringify(rows);
  if (!/\\u(0000|d[89a-f])/i.test(text)) return text;
  const mended = (value: string) => value.toWellFormed().replaceAll('\0', '\uFFFD');
  return JSON.stringify(JSON.parse(text), (_key, value: unknown) => {
    if (typeof value === 'string') return mended(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mended(key), inner]));
  });
}
