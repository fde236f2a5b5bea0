-- What the migrations make. Written by scripts/schema.ts: do not edit, run `npm run schema`.

create table api_keys (
  id uuid not null,
  user_id uuid not null,
  name text not null,
  prefix text not null,
  key_hash bytea not null,
  scopes text[] not null,
  created_at timestamp(3) with time zone not null default now(),
  expires_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  constraint api_keys_key_hash_check CHECK ((octet_length(key_hash) = 32)),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys USING btree (key_hash);
CREATE INDEX api_keys_user_newest ON api_keys USING btree (user_id, created_at DESC, id DESC);

create table audit_log (
  id uuid not null,
  at timestamp(3) with time zone not null default now(),
  actor_id uuid,
  actor_kind text not null,
  action text not null,
  target text,
  address text,
  request_id text,
  details jsonb not null default '{}'::jsonb,
  constraint audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_actor ON audit_log USING btree (actor_id, at DESC, id DESC);
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION fovea_refuse_audit_change();
CREATE INDEX audit_log_newest ON audit_log USING btree (at DESC, id DESC);
CREATE INDEX audit_log_target ON audit_log USING btree (target, at DESC, id DESC);

create table collections (
  id uuid not null,
  owner_id uuid not null,
  name text not null,
  description text not null default ''::text,
  metadata jsonb not null default '{}'::jsonb,
  threshold real,
  model_name text,
  model_version text,
  model_digest text,
  dimensions integer,
  person_count integer not null default 0,
  face_count integer not null default 0,
  revision bigint not null default 0,
  forgotten_revision bigint not null default 0,
  reembed_id uuid,
  created_at timestamp(3) with time zone not null default now(),
  updated_at timestamp(3) with time zone not null default now(),
  constraint collections_dimensions_check CHECK (((dimensions >= 1) AND (dimensions <= 1900))),
  constraint collections_owner_id_name_key UNIQUE (owner_id, name),
  constraint collections_pkey PRIMARY KEY (id),
  constraint collections_threshold_check CHECK (((threshold >= ('-1'::integer)::double precision) AND (threshold <= (1)::double precision)))
);
CREATE INDEX collections_newest ON collections USING btree (created_at DESC, id DESC);
CREATE INDEX collections_owner_newest ON collections USING btree (owner_id, created_at DESC, id DESC);

create table faces (
  id uuid not null,
  collection_id uuid not null,
  person_id uuid not null,
  image_id uuid,
  box real[] not null,
  score real not null,
  quality jsonb not null,
  forced boolean not null default false,
  model_digest text not null,
  embedding bytea not null,
  embedding_norm real,
  revision bigint not null,
  created_at timestamp(3) with time zone not null default now(),
  constraint faces_box_check CHECK ((cardinality(box) = 4)),
  constraint faces_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(id) ON DELETE CASCADE,
  constraint faces_embedding_check CHECK (((octet_length(embedding) >= 4) AND (octet_length(embedding) <= 7600))),
  constraint faces_image_id_fkey FOREIGN KEY (image_id) REFERENCES images(id) ON DELETE SET NULL,
  constraint faces_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id) ON DELETE CASCADE,
  constraint faces_pkey PRIMARY KEY (id)
);
CREATE INDEX faces_collection_id ON faces USING btree (collection_id, id);
CREATE INDEX faces_collection_revision ON faces USING btree (collection_id, revision);
CREATE INDEX faces_image ON faces USING btree (image_id) WHERE (image_id IS NOT NULL);
CREATE INDEX faces_person_newest ON faces USING btree (person_id, created_at DESC, id DESC);

create table feature_sets (
  id uuid not null,
  names text[] not null,
  constraint feature_sets_pkey PRIMARY KEY (id)
);

create table images (
  id uuid not null,
  owner_id uuid,
  sha256 bytea not null,
  format text not null,
  width integer not null,
  height integer not null,
  byte_size integer not null,
  source text not null,
  source_url text,
  created_at timestamp(3) with time zone not null default now(),
  last_used_at timestamp(3) with time zone not null default now(),
  enrolled_only boolean not null default false,
  constraint images_byte_size_check CHECK ((byte_size > 0)),
  constraint images_height_check CHECK ((height > 0)),
  constraint images_pkey PRIMARY KEY (id),
  constraint images_sha256_check CHECK ((octet_length(sha256) = 32)),
  constraint images_source_check CHECK ((source = ANY (ARRAY['upload'::text, 'url'::text]))),
  constraint images_width_check CHECK ((width > 0))
);
CREATE INDEX images_enrolled_only ON images USING btree (created_at) WHERE enrolled_only;
CREATE INDEX images_last_used ON images USING btree (last_used_at, id);
CREATE INDEX images_newest ON images USING btree (created_at DESC, id DESC);
CREATE INDEX images_owner_newest ON images USING btree (owner_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX images_sha256_owner_key ON images USING btree (sha256, COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid));

create table invites (
  id uuid not null,
  code_hash bytea not null,
  role text not null,
  created_by uuid,
  created_at timestamp(3) with time zone not null default now(),
  expires_at timestamp(3) with time zone not null,
  used_at timestamp(3) with time zone,
  used_by uuid,
  constraint invites_code_hash_check CHECK ((octet_length(code_hash) = 32)),
  constraint invites_pkey PRIMARY KEY (id),
  constraint invites_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text, 'viewer'::text])))
);
CREATE UNIQUE INDEX invites_code ON invites USING btree (code_hash);
CREATE INDEX invites_newest ON invites USING btree (created_at DESC, id DESC);

create table logins (
  id uuid not null,
  user_id uuid not null,
  created_at timestamp(3) with time zone not null default now(),
  expires_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  constraint logins_pkey PRIMARY KEY (id),
  constraint logins_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX logins_expires ON logins USING btree (expires_at);
CREATE INDEX logins_user_newest ON logins USING btree (user_id, created_at DESC);

create table model_aliases (
  model_id uuid not null,
  alias text not null,
  version integer not null,
  updated_at timestamp(3) with time zone not null default now(),
  constraint model_aliases_alias_check CHECK ((alias ~ '^[a-z][a-z0-9._-]{0,63}$'::text)),
  constraint model_aliases_model_id_version_fkey FOREIGN KEY (model_id, version) REFERENCES model_versions(model_id, version) ON DELETE CASCADE,
  constraint model_aliases_pkey PRIMARY KEY (model_id, alias)
);
CREATE INDEX model_aliases_version ON model_aliases USING btree (model_id, version);

create table model_versions (
  model_id uuid not null,
  version integer not null,
  status text not null default 'active'::text,
  format text not null,
  size_bytes bigint not null,
  sha256 bytea not null,
  files jsonb not null,
  signature jsonb not null,
  metadata jsonb not null default '{}'::jsonb,
  report jsonb not null default '{}'::jsonb,
  batching text not null,
  created_at timestamp(3) with time zone not null default now(),
  serving jsonb not null default '{}'::jsonb,
  archived_at timestamp(3) with time zone,
  purged_at timestamp(3) with time zone,
  vision jsonb,
  constraint model_versions_archived_at_check CHECK (((archived_at IS NOT NULL) = (status = 'archived'::text))),
  constraint model_versions_batching_check CHECK ((batching = ANY (ARRAY['exact'::text, 'close'::text, 'none'::text, 'single'::text]))),
  constraint model_versions_model_id_fkey FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE CASCADE,
  constraint model_versions_pkey PRIMARY KEY (model_id, version),
  constraint model_versions_purged_at_check CHECK (((purged_at IS NULL) OR (status = 'archived'::text))),
  constraint model_versions_sha256_check CHECK ((octet_length(sha256) = 32)),
  constraint model_versions_size_bytes_check CHECK ((size_bytes > 0)),
  constraint model_versions_status_check CHECK ((status = ANY (ARRAY['active'::text, 'deprecated'::text, 'archived'::text]))),
  constraint model_versions_version_check CHECK ((version > 0))
);
CREATE INDEX model_versions_purged ON model_versions USING btree (purged_at, model_id, version) WHERE (purged_at IS NOT NULL);

create table models (
  id uuid not null,
  owner_id uuid not null,
  name text not null,
  description text not null default ''::text,
  status text not null default 'active'::text,
  last_version integer not null default 0,
  created_at timestamp(3) with time zone not null default now(),
  updated_at timestamp(3) with time zone not null default now(),
  archived_at timestamp(3) with time zone,
  constraint models_archived_at_check CHECK (((archived_at IS NOT NULL) = (status = 'archived'::text))),
  constraint models_last_version_check CHECK ((last_version >= 0)),
  constraint models_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'::text)),
  constraint models_pkey PRIMARY KEY (id),
  constraint models_status_check CHECK ((status = ANY (ARRAY['active'::text, 'deprecated'::text, 'archived'::text])))
);
CREATE INDEX models_newest ON models USING btree (created_at DESC, id DESC);
CREATE UNIQUE INDEX models_owner_name_key ON models USING btree (owner_id, name);
CREATE INDEX models_owner_newest ON models USING btree (owner_id, created_at DESC, id DESC);

create table persons (
  id uuid not null,
  collection_id uuid not null,
  name text not null,
  metadata jsonb not null default '{}'::jsonb,
  created_at timestamp(3) with time zone not null default now(),
  updated_at timestamp(3) with time zone not null default now(),
  constraint persons_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(id) ON DELETE CASCADE,
  constraint persons_pkey PRIMARY KEY (id)
);
CREATE INDEX persons_collection_newest ON persons USING btree (collection_id, created_at DESC, id DESC);

create table prediction_changes (
  slot timestamp(3) with time zone not null
);
CREATE INDEX prediction_changes_slot ON prediction_changes USING btree (slot);

create table prediction_histograms (
  minutes smallint not null,
  slot timestamp(3) with time zone not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null,
  what text not null,
  bins smallint[] not null,
  counts bigint[] not null,
  constraint prediction_histograms_minutes_check CHECK ((minutes = ANY (ARRAY[5, 60, 1440]))),
  constraint prediction_histograms_pkey PRIMARY KEY (minutes, owner_id, slot, model_id, version, what),
  constraint prediction_histograms_what_check CHECK ((what = ANY (ARRAY['total'::text, 'queue'::text, 'load'::text, 'inference'::text, 'confidence'::text])))
);
CREATE INDEX prediction_histograms_slot ON prediction_histograms USING btree (minutes, slot);

create table prediction_jobs (
  id uuid not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer,
  storage_id uuid not null,
  format text not null,
  state text not null default 'queued'::text,
  input_bytes bigint not null,
  input_offset bigint not null default 0,
  rows_total bigint not null,
  rows_done bigint not null default 0,
  rows_failed bigint not null default 0,
  parts bigint[] not null default '{}'::bigint[],
  attempt integer not null default 0,
  attempts_without_progress integer not null default 0,
  running_ms bigint not null default 0,
  error_code text,
  error_message text,
  created_at timestamp(3) with time zone not null default now(),
  started_at timestamp(3) with time zone,
  finished_at timestamp(3) with time zone,
  constraint prediction_jobs_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'ndjson'::text]))),
  constraint prediction_jobs_pkey PRIMARY KEY (id),
  constraint prediction_jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);
CREATE INDEX prediction_jobs_finished ON prediction_jobs USING btree (storage_id, finished_at);
CREATE INDEX prediction_jobs_owner_newest ON prediction_jobs USING btree (owner_id, created_at DESC, id DESC);

create table prediction_labels (
  minutes smallint not null,
  slot timestamp(3) with time zone not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null,
  what text not null,
  label text not null,
  count bigint not null,
  constraint prediction_labels_minutes_check CHECK ((minutes = ANY (ARRAY[5, 60, 1440]))),
  constraint prediction_labels_pkey PRIMARY KEY (minutes, owner_id, slot, model_id, version, what, label),
  constraint prediction_labels_what_check CHECK ((what = ANY (ARRAY['class'::text, 'error'::text])))
);
CREATE INDEX prediction_labels_slot ON prediction_labels USING btree (minutes, slot);

create table prediction_totals (
  minutes smallint not null,
  slot timestamp(3) with time zone not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null,
  requests bigint not null,
  errors bigint not null,
  cached bigint not null,
  rows bigint not null,
  constraint prediction_totals_minutes_check CHECK ((minutes = ANY (ARRAY[5, 60, 1440]))),
  constraint prediction_totals_pkey PRIMARY KEY (minutes, owner_id, slot, model_id, version)
);
CREATE INDEX prediction_totals_slot ON prediction_totals USING btree (minutes, slot);

create table predictions (
  id uuid not null,
  at timestamp(3) with time zone not null,
  owner_id uuid not null,
  model_id uuid not null,
  version integer not null,
  ok boolean not null,
  error_code text,
  cached boolean not null,
  rows integer not null,
  queue_ms real not null,
  load_ms real not null,
  inference_ms real not null,
  total_ms real not null,
  confidence real[],
  classes jsonb,
  lot integer not null,
  features_id uuid,
  inputs jsonb not null,
  outputs jsonb not null,
  constraint predictions_pkey PRIMARY KEY (id),
  constraint predictions_rows_check CHECK ((rows >= 0))
);
CREATE INDEX predictions_failed_newest ON ONLY public.predictions USING btree (owner_id, id) WHERE (NOT ok);
CREATE INDEX predictions_model_lot ON ONLY public.predictions USING btree (model_id, lot);
CREATE INDEX predictions_model_newest ON ONLY public.predictions USING btree (owner_id, model_id, id);
CREATE INDEX predictions_owner_newest ON ONLY public.predictions USING btree (owner_id, id);

create table reembed_jobs (
  id uuid not null,
  collection_id uuid not null,
  state text not null default 'queued'::text,
  model_name text not null,
  model_version text not null,
  model_digest text not null,
  faces_total integer not null,
  faces_done integer not null default 0,
  faces_failed integer not null default 0,
  position uuid,
  error_code text,
  error_message text,
  created_at timestamp(3) with time zone not null default now(),
  started_at timestamp(3) with time zone,
  finished_at timestamp(3) with time zone,
  constraint reembed_jobs_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(id) ON DELETE CASCADE,
  constraint reembed_jobs_pkey PRIMARY KEY (id),
  constraint reembed_jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX reembed_jobs_collection_newest ON reembed_jobs USING btree (collection_id, created_at DESC, id DESC);

create table refresh_tokens (
  token_hash bytea not null,
  login_id uuid not null,
  expires_at timestamp(3) with time zone not null,
  used_at timestamp(3) with time zone,
  constraint refresh_tokens_login_id_fkey FOREIGN KEY (login_id) REFERENCES logins(id) ON DELETE CASCADE,
  constraint refresh_tokens_pkey PRIMARY KEY (token_hash),
  constraint refresh_tokens_token_hash_check CHECK ((octet_length(token_hash) = 32))
);
CREATE INDEX refresh_tokens_expires ON refresh_tokens USING btree (expires_at);
CREATE INDEX refresh_tokens_login ON refresh_tokens USING btree (login_id);

create table removed_faces (
  collection_id uuid not null,
  revision bigint not null,
  face_id uuid not null,
  removed_at timestamp(3) with time zone not null default now(),
  constraint removed_faces_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(id) ON DELETE CASCADE,
  constraint removed_faces_pkey PRIMARY KEY (collection_id, revision, face_id)
);
CREATE INDEX removed_faces_removed ON removed_faces USING btree (removed_at);

create table session_detections (
  id uuid not null,
  session_id uuid not null,
  at timestamp(3) with time zone not null,
  owner_id uuid not null,
  image_id uuid,
  width integer,
  height integer,
  total_ms real not null,
  timings jsonb not null,
  models jsonb not null,
  degraded text[] not null,
  labels text[] not null,
  objects jsonb not null,
  constraint session_detections_pkey PRIMARY KEY (id)
);
CREATE INDEX session_detections_session_newest ON session_detections USING btree (session_id, id);

create table users (
  id uuid not null,
  email text not null,
  email_key text not null,
  password_hash text not null,
  role text not null,
  disabled boolean not null default false,
  created_at timestamp(3) with time zone not null default now(),
  last_login_at timestamp(3) with time zone,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text, 'viewer'::text])))
);
CREATE UNIQUE INDEX users_email_key ON users USING btree (email_key);
CREATE INDEX users_newest ON users USING btree (created_at DESC, id DESC);
