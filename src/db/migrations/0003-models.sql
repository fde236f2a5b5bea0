-- Models that users upload. A model is an owner's name; what is uploaded under it becomes its
-- versions 1, 2, 3… A version never changes but for its status and metadata.
create table models (
  id uuid primary key,
  -- The nil UUID under open access.
  owner_id uuid not null,
  name text not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
  description text not null default '',
  status text not null default 'active' check (status in ('active', 'deprecated', 'archived')),
  -- The next upload gets the number after this one, under the lock of this row.
  last_version integer not null default 0 check (last_version >= 0),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

create unique index models_owner_name_key on models (owner_id, name);
create index models_owner_newest on models (owner_id, created_at desc, id desc);
create index models_newest on models (created_at desc, id desc);

create table model_versions (
  model_id uuid not null references models (id) on delete cascade,
  version integer not null check (version > 0),
  status text not null default 'active' check (status in ('active', 'deprecated', 'archived')),
  format text not null,
  size_bytes bigint not null check (size_bytes > 0),
  sha256 bytea not null check (octet_length(sha256) = 32),
  -- What was uploaded: [{"name", "size_bytes", "sha256"}].
  files jsonb not null,
  signature jsonb not null,
  metadata jsonb not null default '{}',
  -- What the importer has to say about it.
  report jsonb not null default '{}',
  -- Whether rows may share a run, proved at import: with the same bits, nearly, only within one request, or not at all.
  batching text not null check (batching in ('exact', 'close', 'none', 'single')),
  created_at timestamptz(3) not null default now(),
  primary key (model_id, version)
);

-- Names for versions. `default` always exists; moving it is one update.
create table model_aliases (
  model_id uuid not null,
  alias text not null check (alias ~ '^[a-z][a-z0-9._-]{0,63}$'),
  version integer not null,
  updated_at timestamptz(3) not null default now(),
  primary key (model_id, alias),
  foreign key (model_id, version) references model_versions (model_id, version) on delete cascade
);
create index model_aliases_version on model_aliases (model_id, version);
