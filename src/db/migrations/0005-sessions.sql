-- What was detected in the frames of sessions; the sessions themselves live in the session store. The id is
-- a UUIDv7, so one key orders by time, purges by age and makes a replay of the journal harmless. No owner (open access) is the nil UUID.
create table session_detections (
  id uuid not null,
  session_id uuid not null,
  at timestamptz(3) not null,
  owner_id uuid not null,
  image_id uuid, -- the frame, when it was kept; it may have been deleted since
  width integer, -- null when no model looked at the frame
  height integer,
  total_ms real not null,
  timings jsonb not null,
  models jsonb not null,
  degraded text[] not null,
  labels text[] not null, -- of the objects, each once
  objects jsonb not null,
  constraint session_detections_pkey primary key (id)
);
create index session_detections_session_newest on session_detections (session_id, id);
