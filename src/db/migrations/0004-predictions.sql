-- Every prediction and every failure. The id is a UUIDv7 (RFC 9562 §5.7): its first 48 bits are the
-- millisecond, so one key partitions by day, orders by time, finds a single row and makes a replay
-- of the journal harmless. Partitions are made ahead and dropped by the program.
-- No owner (open access) is the nil UUID: "is null" would keep an index from giving the order.
create table predictions (
  id uuid not null,
  at timestamptz(3) not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null, -- 0 when the request failed before it was known
  ok boolean not null,
  error_code text,
  cached boolean not null,
  rows integer not null check (rows >= 0),
  queue_ms real not null,
  load_ms real not null,
  inference_ms real not null,
  total_ms real not null,
  confidence real[],
  classes jsonb,
  -- The last 16 bits of the id: a fair lot, so that "lot below x" is a random sample by index.
  lot integer not null,
  features_id uuid,
  inputs jsonb not null,
  outputs jsonb not null,
  constraint predictions_pkey primary key (id)
) partition by range (id);

create index predictions_owner_newest on predictions (owner_id, id);
create index predictions_model_newest on predictions (owner_id, model_id, id);
create index predictions_model_lot on predictions (model_id, lot);
create index predictions_failed_newest on predictions (owner_id, id) where not ok;

-- Names of the columns of `inputs`, once per set of names instead of once per prediction.
create table feature_sets (
  id uuid primary key,
  names text[] not null
);

-- Which five minutes have new predictions, written with them. Only ever appended to and deleted
-- from: servers that log at once do not wait for each other.
create table prediction_changes (slot timestamptz(3) not null);
create index prediction_changes_slot on prediction_changes (slot);

-- Sums over five minutes, an hour and a day (UTC), each made again from the finer one as it changes.
create table prediction_totals (
  minutes smallint not null check (minutes in (5, 60, 1440)),
  slot timestamptz(3) not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null,
  requests bigint not null,
  errors bigint not null,
  cached bigint not null,
  rows bigint not null,
  constraint prediction_totals_pkey primary key (minutes, owner_id, slot, model_id, version)
);
create index prediction_totals_slot on prediction_totals (minutes, slot);

-- Distributions that can be added up: `counts[i]` values fell into bin `bins[i]`.
create table prediction_histograms (
  minutes smallint not null check (minutes in (5, 60, 1440)),
  slot timestamptz(3) not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null,
  what text not null check (what in ('total', 'queue', 'load', 'inference', 'confidence')),
  bins smallint[] not null,
  counts bigint[] not null,
  constraint prediction_histograms_pkey
    primary key (minutes, owner_id, slot, model_id, version, what)
);
create index prediction_histograms_slot on prediction_histograms (minutes, slot);

create table prediction_labels (
  minutes smallint not null check (minutes in (5, 60, 1440)),
  slot timestamptz(3) not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null,
  what text not null check (what in ('class', 'error')),
  label text not null,
  count bigint not null,
  constraint prediction_labels_pkey
    primary key (minutes, owner_id, slot, model_id, version, what, label)
);
create index prediction_labels_slot on prediction_labels (minutes, slot);

-- Batch predictions. Who runs one, and that only one does, is the queue's business; how far it is,
-- is here. `attempt` is a fencing token: only the newest attempt may write.
create table prediction_jobs (
  id uuid primary key,
  owner_id uuid not null,
  model_id uuid not null,
  version integer,
  -- The job folder that holds the files; only servers on it run the job.
  storage_id uuid not null,
  format text not null check (format in ('csv', 'ndjson')),
  state text not null default 'queued'
    check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  input_bytes bigint not null,
  input_offset bigint not null default 0,
  rows_total bigint not null,
  rows_done bigint not null default 0,
  rows_failed bigint not null default 0,
  -- Bytes of the result that count, one number per attempt.
  parts bigint[] not null default '{}',
  attempt integer not null default 0,
  attempts_without_progress integer not null default 0,
  running_ms bigint not null default 0,
  error_code text,
  error_message text,
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  finished_at timestamptz(3)
);
create index prediction_jobs_owner_newest on prediction_jobs (owner_id, created_at desc, id desc);
create index prediction_jobs_finished on prediction_jobs (storage_id, finished_at);
