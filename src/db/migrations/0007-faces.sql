-- People that are known by their faces. `revision` of a collection counts the changes of its faces; every change holds the
-- collection's row, so revisions are committed in their order, and who keeps a copy of the vectors asks for what is newer.
create table collections (
  id uuid primary key,
  owner_id uuid not null,
  name text not null,
  description text not null default '',
  metadata jsonb not null default '{}',
  threshold real check (threshold between -1 and 1),
  -- The recogniser that made the vectors; null while there has been none.
  model_name text,
  model_version text,
  model_digest text,
  dimensions integer check (dimensions between 1 and 1900),
  person_count integer not null default 0,
  face_count integer not null default 0,
  revision bigint not null default 0,
  -- Removals up to this revision are not listed any more.
  forgotten_revision bigint not null default 0,
  -- The job that makes the vectors anew; until it is done nobody is identified.
  reembed_id uuid,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  unique (owner_id, name)
);

create index collections_owner_newest on collections (owner_id, created_at desc, id desc);
create index collections_newest on collections (created_at desc, id desc);

create table persons (
  id uuid primary key,
  collection_id uuid not null references collections on delete cascade,
  name text not null,
  metadata jsonb not null default '{}',
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

create index persons_collection_newest on persons (collection_id, created_at desc, id desc);

create table faces (
  id uuid primary key,
  collection_id uuid not null references collections on delete cascade,
  person_id uuid not null references persons on delete cascade,
  image_id uuid references images on delete set null,
  -- Pixels of the upright image.
  box real[] not null check (cardinality(box) = 4),
  score real not null,
  quality jsonb not null,
  forced boolean not null default false,
  model_digest text not null,
  -- Length 1, little-endian float32; its length before that.
  embedding bytea not null check (octet_length(embedding) between 4 and 7600),
  embedding_norm real,
  revision bigint not null,
  created_at timestamptz(3) not null default now()
);

-- Floats do not compress, and a search reads them all: they stay in the row.
alter table faces alter column embedding set storage plain;

create index faces_person_newest on faces (person_id, created_at desc, id desc);
create index faces_collection_id on faces (collection_id, id);
create index faces_collection_revision on faces (collection_id, revision);
create index faces_image on faces (image_id) where image_id is not null;

-- Ids of faces that went, for the copies of vectors elsewhere; kept for a day.
create table removed_faces (
  collection_id uuid not null references collections on delete cascade,
  revision bigint not null,
  face_id uuid not null,
  removed_at timestamptz(3) not null default now(),
  primary key (collection_id, revision, face_id)
);

create index removed_faces_removed on removed_faces (removed_at);

-- Making the vectors of a collection anew, with the recogniser in use. Faces that are done carry its digest.
create table reembed_jobs (
  id uuid primary key,
  collection_id uuid not null references collections on delete cascade,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
  model_name text not null,
  model_version text not null,
  model_digest text not null,
  faces_total integer not null,
  faces_done integer not null default 0,
  faces_failed integer not null default 0,
  -- The face after which it goes on.
  position uuid,
  error_code text,
  error_message text,
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  finished_at timestamptz(3)
);

create index reembed_jobs_collection_newest on reembed_jobs (collection_id, created_at desc, id desc);

-- Sent for nothing but to enrol a face: goes with the last face that it shows.
alter table images add column enrolled_only boolean not null default false;
create index images_enrolled_only on images (created_at) where enrolled_only;
