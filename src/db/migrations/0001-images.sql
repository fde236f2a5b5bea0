-- Images that a client has sent: one row per owner and content. Times have milliseconds, like the
-- program's, so that a time read back and compared (a page's cursor) is the same time.
create table images (
  id uuid primary key,
  owner_id uuid,
  sha256 bytea not null check (octet_length(sha256) = 32),
  format text not null,
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  byte_size integer not null check (byte_size > 0),
  source text not null check (source in ('upload', 'url')),
  source_url text,
  created_at timestamptz(3) not null default now(),
  last_used_at timestamptz(3) not null default now()
);

-- No owner (open access) counts as one owner; PostgreSQL 14 has no NULLS NOT DISTINCT. The hash
-- comes first so that "does anybody still have this content" uses the same index.
create unique index images_sha256_owner_key
  on images (sha256, coalesce(owner_id, '00000000-0000-0000-0000-000000000000'::uuid));

create index images_owner_newest on images (owner_id, created_at desc, id desc);
create index images_newest on images (created_at desc, id desc);
create index images_last_used on images (last_used_at, id);
