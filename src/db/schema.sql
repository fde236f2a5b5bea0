-- What the migrations make. Written by scripts/schema.ts: do not edit, run `npm run schema`.

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
  constraint images_byte_size_check CHECK ((byte_size > 0)),
  constraint images_height_check CHECK ((height > 0)),
  constraint images_pkey PRIMARY KEY (id),
  constraint images_sha256_check CHECK ((octet_length(sha256) = 32)),
  constraint images_source_check CHECK ((source = ANY (ARRAY['upload'::text, 'url'::text]))),
  constraint images_width_check CHECK ((width > 0))
);
CREATE INDEX images_last_used ON images USING btree (last_used_at, id);
CREATE INDEX images_newest ON images USING btree (created_at DESC, id DESC);
CREATE INDEX images_owner_newest ON images USING btree (owner_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX images_sha256_owner_key ON images USING btree (sha256, COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid));
