import { uuidFloor } from '../../src/db/uuid-time.ts';
import type { CapturedDatabase } from './captured-database.ts';

const DAY_MS = 86_400_000;
const features = '9f86d081-884c-7d65-9a2f-eaa0c55ad015';

export const modelId = (n: number): string => `6f1d9a52-58c4-4c1c-9a53-0000000000${n}0`;

/**
 * `count` predictions over `days` days before `end`, half of them of one model and the rest of nine
 * others, all written by PostgreSQL itself.
 */
export async function loadPredictions(
  database: CapturedDatabase,
  count: number,
  days: number,
  end: Date,
): Promise<void> {
  await database.run(`insert into feature_sets values ('${features}',
    array['age','income','score','visits','height','weight','ratio','region'])`);
  const perDay = Math.ceil(count / days);
  const first = Math.floor(end.getTime() / DAY_MS) - days + 1;
  const queue = Array.from({ length: days }, (_, n) => first + n);
  const lane = async (): Promise<void> => {
    for (let day = queue.shift(); day !== undefined; day = queue.shift())
      await database.run(
        oneDay(
          new Date(day * DAY_MS),
          perDay,
          Math.min(1, (end.getTime() - day * DAY_MS) / DAY_MS),
        ),
      );
  };
  await Promise.all([lane(), lane()]);
  await database.run(`insert into prediction_changes
    select distinct date_bin('5 minutes', at, 'epoch') from predictions`);
  await database.run('vacuum analyze predictions');
}

/** Random ids in the order of their times, as a server makes them. */
function oneDay(start: Date, count: number, part: number): string {
  const model = modelId(0).slice(0, -2);
  return `
    insert into predictions (id, at, owner_id, model_id, version, ok, error_code, cached, rows,
      queue_ms, load_ms, inference_ms, total_ms, confidence, classes, lot, features_id, inputs, outputs)
    select (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || 'a' || substr(h, 4, 15))::uuid,
      to_timestamp(ms / 1000.0), '00000000-0000-0000-0000-000000000000',
      ('${model}' || m || '0')::uuid, 1 + m % 2, ok, case when not ok then (array['QUEUE_FULL', 'WORKER_LOST', 'PREDICT_INPUT_INVALID'])[1 + n % 3] end,
      r > 0.8, 1, 0.05 - 0.4 * ln(1 - r), case when n % 5000 = 0 then 90 else 0 end, case when r > 0.8 then 0 else 0.4 - ln(r) end, 0.8 - 2 * ln(r),
      array[r], jsonb_build_object(case when r < 0.7 then 'yes' else 'no' end, 1),
      ('x' || substr(h, 15, 4))::bit(16)::int, '${features}',
      jsonb_build_array(jsonb_build_array(n % 80, round((r * 9000)::numeric, 2), round(r::numeric, 4), n % 13, 150 + n % 50, 40 + n % 70, round((r * r)::numeric, 5), (array['north', 'south', 'east', 'west'])[1 + n % 4])),
      '["yes"]'
    from (
      select n, md5('${start.getTime()}' || n) as h, random_of as r,
        ${start.getTime()} + (n * ${(DAY_MS * part) / count})::bigint as ms,
        case when n % 2 = 0 then 0 else 1 + n / 2 % 9 end as m, n % 50 <> 7 as ok
      from (select n, 0.000001 + 0.999998 * random() as random_of from generate_series(0, ${count - 1}) as n) g
    ) p`;
}

/** One partition per day, as the server makes them. */
export async function makePartitions(
  database: CapturedDatabase,
  days: number,
  end: Date,
): Promise<void> {
  const { PredictionPartitions } = await import('../../src/db/prediction-partitions.ts');
  const partitions = new PredictionPartitions(database.asDatabase);
  const start = new Date(end.getTime() - days * DAY_MS);
  await partitions.ensureFor(
    Array.from({ length: days + 2 }, (_, n) => uuidFloor(new Date(start.getTime() + n * DAY_MS))),
  );
}
